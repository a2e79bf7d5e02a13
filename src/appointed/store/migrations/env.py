"""Run by Alembic: climbs on the connection that `migrate_…` opened, inside its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
