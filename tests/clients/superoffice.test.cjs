// The official client against a running server: APPOINTED_URL names it, APPOINTED_ZONE the client's zone option
// ("" for none: then the client takes wall times for its own, so TZ must be the tenant's zone).
"use strict";
const assert = require("node:assert/strict");
const test = require("node:test");
const { AppointmentRestApi } = require("@superoffice/webapi");
const { WebApiPatchOp } = require("@superoffice/webapi/WebApiBase.js");

const url = process.env.APPOINTED_URL;
const zone = process.env.APPOINTED_ZONE || "";
// A client per call: one that was given axiosConfig.headers writes a call's conditional headers into them,
// and would send them with every later call.
function client() {
  const options = {
    baseUrl: `${url}/api`,
    languageCode: "en",
    axiosConfig: { headers: { Authorization: `Basic ${Buffer.from("demo:demo").toString("base64")}` } },
  };
  if (zone) Object.assign(options, { timezone: zone, timezoneInclude: true });
  return new AppointmentRestApi(options);
}
const api = new Proxy({}, { get: (_target, name) => (...words) => client()[name](...words) });

const START = new Date("2031-05-06T08:00:00Z");
const END = new Date("2031-05-06T09:30:00Z");

// What a conditional request needs: the second in which the answer was last modified.
const seen = (got) => ({ responseCallback: (response) => (got.modified = new Date(response.headers["last-modified"])) });
const status = (error) => error.response && error.response.status;

async function made(description) {
  const got = {};
  const entity = await api.postAsync({ description, startDate: START, endDate: END, associate: { associateId: 1 }, priority: { id: 1 } }, seen(got));
  return { entity, modified: got.modified };
}

test("default", async () => {
  const entity = await api.getDefaultAsync();
  assert.equal(entity.appointmentId, 0);
  assert.equal(entity.associate.associateId, 1);
  assert.ok(entity.startDate instanceof Date && entity.endDate > entity.startDate);
  assert.equal(entity.completed, "NotStarted");
});

test("create and read", async () => {
  const { entity } = await made("From the official client");
  assert.ok(entity.appointmentId > 0);
  assert.equal(entity.description, "From the official client");
  assert.equal(entity.startDate.toISOString(), START.toISOString());
  assert.equal(entity.endDate.toISOString(), END.toISOString());
  const read = await api.getByIdAsync(entity.appointmentId);
  assert.deepEqual(read, entity);
  assert.equal(read.associate.name, "demo");
  assert.equal(read.recurrence.isRecurrence, false);
  assert.equal(read.participants[0].associateId, 1);
});

test("patch by operations", async () => {
  const { entity } = await made("Operations");
  const after = await api.patchByIdAsync(entity.appointmentId, [
    { op: WebApiPatchOp.test, path: "/Description", value: "Operations" },
    { op: WebApiPatchOp.replace, path: "/Description", value: "Changed" },
    { op: WebApiPatchOp.replace, path: "priority/id", value: 3 },
    { op: WebApiPatchOp.add, path: "Person", value: { PersonId: 4 } },
    { op: WebApiPatchOp.replace, path: "/AlarmLeadTime", value: "PT20M" },
  ]);
  assert.equal(after.description, "Changed");
  assert.equal(after.priority.id, 3);
  assert.equal(after.person.personId, 4);
  assert.equal(after.alarmLeadTime.asMinutes(), 20);
  assert.equal(after.startDate.toISOString(), START.toISOString());
});

test("patch by object", async () => {
  const { entity } = await made("Object");
  const after = await api.patchByIdAsync(entity.appointmentId, { location: "Bergen", task: { taskListItemId: 2 } });
  assert.equal(after.location, "Bergen");
  assert.equal(after.task.taskListItemId, 2);
  assert.equal(after.task.value, "Phone call");
  assert.equal(after.description, "Object");
});

test("a failed test operation is 409 and changes nothing", async () => {
  const { entity } = await made("Guarded");
  await assert.rejects(
    api.patchByIdAsync(entity.appointmentId, [
      { op: WebApiPatchOp.replace, path: "/Location", value: "x" },
      { op: WebApiPatchOp.test, path: "/Description", value: "Other" },
    ]),
    (error) => status(error) === 409 && error.response.data.Error === true,
  );
  assert.deepEqual(await api.getByIdAsync(entity.appointmentId), entity);
});

test("put the whole entity back", async () => {
  const { entity } = await made("Whole");
  const got = {};
  const same = await api.putByIdAsync(entity.appointmentId, entity, {
    responseCallback: (response) => (got.etag = response.headers.etag),
  });
  assert.deepEqual(same, entity, "sending back what was read changes nothing");
  entity.location = "Oslo";
  entity.internalNotes = "By PUT";
  const after = await api.putByIdAsync(entity.appointmentId, entity);
  assert.equal(after.location, "Oslo");
  assert.equal(after.internalNotes, "By PUT");
  assert.equal(after.startDate.toISOString(), START.toISOString());
  assert.deepEqual(after.participants, entity.participants);
});

test("number 1 with everything filled goes back unchanged", async () => {
  const before = await api.getByIdAsync(1);
  const after = await api.putByIdAsync(1, before);
  assert.deepEqual(after, before);
});

test("conditional read", async () => {
  const { entity, modified } = await made("Conditional");
  assert.equal(await api.getByIdAsync(entity.appointmentId, { ifModifiedSince: modified }), null);
  await api.patchByIdAsync(entity.appointmentId, { location: "Changed" });
  const fresh = await api.getByIdAsync(entity.appointmentId, { ifModifiedSince: modified });
  assert.equal(fresh.location, "Changed");
  await assert.rejects(api.getByIdAsync(entity.appointmentId, { ifUnmodifiedSince: modified }), (e) => status(e) === 412);
});

test("a stale patch is 412", async () => {
  const { entity, modified } = await made("Stale");
  const id = entity.appointmentId;
  await api.patchByIdAsync(id, { location: "First" }, { ifUnmodifiedSince: modified });
  await assert.rejects(
    api.patchByIdAsync(id, { location: "Second" }, { ifUnmodifiedSince: modified }),
    (error) => status(error) === 412,
  );
  assert.equal((await api.getByIdAsync(id)).location, "First");
});

test("delete", async () => {
  const { entity, modified } = await made("Gone");
  const id = entity.appointmentId;
  await api.patchByIdAsync(id, { location: "Changed" });
  await assert.rejects(api.deleteByIdAsync(id, { ifUnmodifiedSince: modified }), (error) => status(error) === 412);
  await api.deleteByIdAsync(id);
  await assert.rejects(api.getByIdAsync(id), (error) => status(error) === 404 && error.response.data.ErrorType === "SoNotFoundException");
});
