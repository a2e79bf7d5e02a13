// The official client defines a field of appointments, publishes it, fills it and drops it again.
// APPOINTED_URL names the server, APPOINTED_ZONE the client's zone option ("" for none).
"use strict";
const assert = require("node:assert/strict");
const test = require("node:test");
const { AppointmentRestApi, UserDefinedFieldInfoAgent } = require("@superoffice/webapi");
const { UDefFieldType, UDefType, UdefJustification } = require("@superoffice/webapi/Enums.js");

const url = process.env.APPOINTED_URL;
const zone = process.env.APPOINTED_ZONE || "";
function options(name = "demo") {
  const found = {
    baseUrl: `${url}/api`,
    languageCode: "en",
    axiosConfig: { headers: { Authorization: `Basic ${Buffer.from(`${name}:${name}`).toString("base64")}` } },
  };
  if (zone) Object.assign(found, { timezone: zone, timezoneInclude: true });
  return found;
}
const fields = new UserDefinedFieldInfoAgent(options());
const appointments = () => new AppointmentRestApi(options());
const OWNER = UDefType.Appointment;
const status = (error) => error.response && error.response.status;
let made;

test("a field is created and saved, and waits", async () => {
  const blank = await fields.createDefaultUserDefinedFieldInfoAsync();
  assert.equal(blank.uDefFieldId, 0);
  made = await fields.createUserDefinedFieldInfoAsync(OWNER, UDefFieldType.Number);
  assert.equal(made.fieldType, UDefFieldType.Number);
  assert.equal(made.hasBeenPublished, false);
  made.fieldLabel = "Guests";
  made.justification = UdefJustification.Right;
  made.tooltip = "How many come";
  made = await fields.saveUserDefinedFieldInfoAsync(made);
  assert.equal(made.fieldLabel, "Guests");
  assert.equal(made.justification, UdefJustification.Right);
  assert.equal(await fields.detectUnpublishedChangesAsync(OWNER), true);
  assert.equal(await fields.detectColumnIdChangesAsync(OWNER), true);
  assert.equal(await fields.isPublishEventActiveAsync(OWNER), false);
  assert.equal(await fields.isAnyPublishEventActiveAsync(), false);
});

test("it is found in what is worked on alone", async () => {
  assert.deepEqual(await fields.getUserDefinedFieldInfoAsync(made.uDefFieldId), made);
  assert.deepEqual(await fields.getUserDefinedFieldFromProgIdAsync(made.progId, OWNER), made);
  assert.deepEqual(await fields.getUserDefinedFieldFromFieldLabelAsync("Guests", OWNER), made);
  assert.deepEqual(await fields.getUserDefinedFieldFromIdsAsync([made.uDefFieldId]), [made]);
  assert.deepEqual(await fields.getUserDefinedFieldFromProgIdsAsync([made.progId], OWNER), [made]);
  assert.equal(await fields.getPublishedUserDefinedFieldFromProgIdAsync(made.progId, OWNER), null);
  assert.equal(await fields.getPublishedUserDefinedFieldFromFieldLabelAsync("Guests", OWNER), null);
  const worked = await fields.getUserDefinedFieldListAsync(OWNER);
  const published = await fields.getPublishedUserDefinedFieldListAsync(OWNER);
  assert.equal(worked.length, published.length + 1);
  assert.deepEqual(await fields.getUserDefinedFieldListAsync(UDefType.Document), []);
});

test("published, it is filled", async () => {
  assert.equal(await fields.publishAsync(OWNER), 1);
  assert.equal(await fields.detectUnpublishedChangesAsync(OWNER), false);
  const published = await fields.getPublishedUserDefinedFieldFromProgIdAsync(made.progId, OWNER);
  assert.equal(published.hasBeenPublished, true);
  const api = appointments();
  const entity = await api.postAsync({ description: "With guests", customFields: { [made.progId]: "3" } });
  assert.equal(entity.customFields[made.progId], "[I:3]");
  const after = await appointments().patchByIdAsync(entity.appointmentId, { customFields: { [made.progId]: "[I:12]" } });
  assert.equal(after.userDefinedFields[made.progId], "[I:12]");
  const infos = await fields.getCustomFieldInfoListAsync("appointment", false);
  assert.ok(infos.some((one) => one.fieldName === made.progId && one.displayName === "Guests"));
  assert.equal((await fields.getCustomFieldInfoAsync("appointment", made.progId)).description, "How many come");
  await appointments().deleteByIdAsync(entity.appointmentId);
});

test("type and order change, and are reverted", async () => {
  const request = { info: { uDefFieldId: made.uDefFieldId }, fieldType: UDefFieldType.Decimal, isIndexed: true };
  const changed = await fields.changeFieldTypeAsync(request);
  assert.equal(changed.fieldType, UDefFieldType.Decimal);
  assert.equal(changed.isIndexed, true);
  await fields.setRankOnFieldsAsync(OWNER, [made.uDefFieldId]);
  assert.equal((await fields.getUserDefinedFieldListAsync(OWNER))[0].progId, made.progId);
  await fields.saveUserDefinedFieldInfosAsync([{ uDefFieldId: made.uDefFieldId, fieldLabel: "Eaters" }]);
  assert.equal((await fields.getUserDefinedFieldInfoAsync(made.uDefFieldId)).fieldLabel, "Eaters");
  await fields.revertAsync(OWNER);
  assert.equal(await fields.detectUnpublishedChangesAsync(OWNER), false);
  assert.equal((await fields.getUserDefinedFieldInfoAsync(made.uDefFieldId)).fieldLabel, "Guests");
});

test("others may look and not touch", async () => {
  const other = new UserDefinedFieldInfoAgent(options("kari"));
  assert.equal((await other.getPublishedUserDefinedFieldFromProgIdAsync(made.progId, OWNER)).fieldLabel, "Guests");
  await assert.rejects(other.deleteUserDefinedFieldInfoAsync(made.uDefFieldId), (error) => status(error) === 403);
  await assert.rejects(fields.publishAsync(UDefType.Contact), (error) => status(error) === 400);
});

test("deleted and published, it is gone", async () => {
  await fields.deleteUserDefinedFieldInfoAsync(made.uDefFieldId);
  assert.equal(await fields.getUserDefinedFieldInfoAsync(made.uDefFieldId), null);
  assert.equal(await fields.publishAsync(OWNER), 1);
  assert.equal(await fields.getPublishedUserDefinedFieldFromProgIdAsync(made.progId, OWNER), null);
});
