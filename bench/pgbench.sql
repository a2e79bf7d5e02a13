\set id random(1, :rows)
BEGIN;
SELECT revision, body FROM bench_row WHERE tenant_id = 1 AND id = :id FOR UPDATE;
UPDATE bench_row SET revision = revision + 1, updated_at = now(), body = (SELECT body FROM bench_body) WHERE tenant_id = 1 AND id = :id;
INSERT INTO bench_event (tenant_id, appointment_id, revision, at, patch) VALUES (1, :id, 1, now(), '[{"op":"replace","path":"/title","value":"some other title"},{"op":"replace","path":"/location","value":"some other place"}]');
COMMIT;
