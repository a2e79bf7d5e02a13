// The official client's agents and the REST classes of records against a running server; see superoffice.test.cjs
// for the environment. Every call is checked by what the client makes of the answer.
"use strict";
const assert = require("node:assert/strict");
const test = require("node:test");
const so = require("@superoffice/webapi");
const { WebApiPatchOp } = require("@superoffice/webapi/WebApiBase.js");

const url = process.env.APPOINTED_URL;
const zone = process.env.APPOINTED_ZONE || "";

// An agent per call: one that was given axiosConfig.headers keeps a call's own headers in them.
function made(kind, user) {
  const options = {
    baseUrl: `${url}/api`,
    languageCode: "en",
    axiosConfig: { headers: { Authorization: `Basic ${Buffer.from(`${user}:${user}`).toString("base64")}` } },
  };
  if (zone) Object.assign(options, { timezone: zone, timezoneInclude: true });
  return new so[kind](options);
}
const as = (user, kind) => new Proxy({}, { get: (_target, name) => (...words) => made(kind, user)[name](...words) });
const agent = (name, user = "demo") => as(user, `${name}Agent`);
const rest = (name, user = "demo") => as(user, `${name}RestApi`);
const status = (error) => error.response && error.response.status;
const ids = (items) => items.map((item) => item.id);
const names = (items) => items.map((item) => item.name);

const START = new Date("2031-05-07T08:00:00Z");
const END = new Date("2031-05-07T09:00:00Z");

test("associates", async () => {
  const kari = await agent("Associate").getAssociateAsync(2);
  assert.equal(kari.fullName, "Kari Nordmann");
  assert.equal(kari.type, "InternalAssociate");
  assert.equal(await agent("Associate").getAssociateAsync(99), null);
  assert.deepEqual(await agent("Associate").getAssociateByPersonIdAsync(2), kari);
  const several = await agent("Associate").getAssociateListAsync([2, 4, 99]);
  assert.deepEqual(several.map((one) => one.type), ["InternalAssociate", "ResourceAssociate"]);
  const members = await agent("Associate").getAssociatesByGroupAsync(1, 2);
  assert.deepEqual(members.map((one) => one.associateId), [1, 3, 4, 5]);
});

test("users, groups and roles", async () => {
  const me = await agent("User").getUserAsync(1);
  assert.equal(me.role.value, "Administrator");
  assert.equal(me.userGroup.value, "Demo department");
  assert.equal(me.person.lastname, "Administrator");
  assert.deepEqual(await agent("User").getUserFromNameAsync("demo"), me);
  assert.deepEqual(await agent("User").getUserFromPersonIdAsync(1), [me]);
  const info = await agent("User").getUserInfoAsync(4);
  assert.equal(info.canLogon, false);
  assert.deepEqual(await agent("User").getUserInfoListAsync([4]), [info]);
  const groups = await agent("User").getAllUserGroupsAsync(false);
  assert.deepEqual(groups.map((group) => group.value), ["Demo department", "Second department"]);
  assert.deepEqual(await agent("User").getUserGroupAsync(2), groups[1]);
  assert.deepEqual(await agent("User").getUserGroupListAsync([1]), groups.slice(0, 1));
  assert.equal((await agent("User").getRoleAsync(me.role.id)).value, "Administrator");
  assert.equal((await agent("User").getAllRolesAsync("Employee")).length, 4);
});

test("a ticket signs in", async () => {
  const ticket = await agent("User", "kari").getAccessTokenAsync("", false);
  const api = new so.WebApi({ baseUrl: `${url}/api` });
  api.authenticateWithTicket(ticket);
  const own = new so.AssociateAgent({ baseUrl: `${url}/api`, axiosConfig: { headers: { Authorization: `SOTicket ${ticket}` } } });
  assert.equal((await own.getAssociateAsync(2)).name, "kari");
});

test("lists of choices", async () => {
  const tasks = await agent("MDO").getListAsync("task", false, "", false);
  assert.deepEqual(names(tasks), ["Meeting", "Phone call", "To-do", "Video meeting"]);
  assert.deepEqual(await agent("MDO").getSimpleListAsync("task"), tasks);
  assert.deepEqual(await agent("MDO").getListItemAsync("task", 2), tasks[1]);
  assert.equal(await agent("MDO").getListItemAsync("task", 99), null);
  assert.deepEqual(ids(await agent("MDO").getListWithHistoryAsync("task", false, "", [3], false)), [3, 1, 2, 4]);
  assert.deepEqual(ids(await agent("MDO").getListWithHistoryAsync("task", false, "", [3], true)), [3]);
  assert.deepEqual(names(await agent("MDO").getListWithRestrictionAsync("person", "contact_id=1", "ola")), ["Ola Nordmann"]);
  const chosen = await agent("MDO").getSelectableListAsync("priority", false, "", false);
  assert.deepEqual(chosen.map((one) => [one.name, one.selected]), [["Low", false], ["Medium", false], ["High", false]]);
  assert.ok(chosen[0].lastChanged === null || chosen[0].lastChanged instanceof Date);
  assert.deepEqual(await agent("MDO").getSelectableSimpleListAsync("priority"), chosen);
  assert.deepEqual(ids(await agent("MDO").getSelectableListWithHistoryAsync("priority", false, "", [2], true)), [2]);
  assert.deepEqual(ids(await agent("MDO").getSelectableListWithRestrictionAsync("priority", "", "high")), [3]);
  assert.ok((await agent("MDO").getListNamesAsync()).includes("contact_new"));
  assert.ok((await agent("MDO").getListIdByListNameAsync("task")) > 0);
  const groups = await agent("MDO").getListAsync("associateheadings", false, "", false);
  assert.deepEqual(names(groups[1].childItems), ["Kari Nordmann"]);
});

test("a language per call", async () => {
  const norwegian = await agent("MDO").getListAsync("priority", false, "", false, { languageCode: "no" });
  assert.equal(norwegian[1].name, "Middels");
  const raw = await agent("MDO").getListAsync("priority", false, "", false, { languageCode: "" });
  assert.match(raw[1].name, /US:"Medium";/);
});

test("lists as records", async () => {
  const tasks = await agent("List").getAllTasksAsync(false);
  assert.deepEqual([tasks[1].type, tasks[1].direction, tasks[1].colorIndex], ["Phone", "Outgoing", "LightBlue"]);
  const short = await agent("List").getTasksAsync();
  assert.deepEqual(short.map((one) => one.value), tasks.map((one) => one.value));
  assert.deepEqual(await agent("List").getSoTaskAsync(2), short[1]);
  assert.deepEqual(await agent("List").getTaskListAsync([2]), [short[1]]);
  const priorities = await agent("List").getPrioritiesAsync();
  assert.deepEqual(await agent("List").getPriorityAsync(3), priorities[2]);
  assert.deepEqual(await agent("List").getPriorityListAsync([3]), [priorities[2]]);
  const lists = await agent("List").getListDefinitionsAsync(false);
  const priority = lists.find((one) => one.name === "priority");
  assert.deepEqual(await agent("List").getListEntityAsync(priority.id), priority);
  assert.deepEqual(await agent("List").getListEntityByNameAsync("Priority"), priority);
  const items = await agent("List").getAllFromListNameAsync("priority", false);
  assert.deepEqual(names(items), ["Low", "Medium", "High"]);
  assert.deepEqual(await agent("List").getAllFromListDefinitionAsync(priority.id, true), items);
  assert.deepEqual(await agent("List").getFromListNameAsync(2, "priority"), items[1]);
  assert.deepEqual(await agent("List").getFromListDefinitionAsync(2, priority.id), items[1]);
  assert.equal((await agent("List").createDefaultListEntityAsync()).id, 0);
  assert.equal((await agent("List").createDefaultListItemEntityAsync()).name, null);
  const languages = await agent("List").getInstalledLanguagesAsync();
  const dutch = languages.find((one) => one.twoLetterISOLanguageName === "nl");
  assert.equal((await agent("List").getLanguageInfoAsync(dutch.languageInfoId)).nativeName, "Nederlands");
});

test("time zones", async () => {
  assert.equal(await agent("TimeZone").getBaseTimeZoneIdAsync(), 261);
  const tokyo = await agent("TimeZone").getDefaultTimeZoneInformationAsync({ timezone: "JP" });
  assert.deepEqual([tokyo.locationCode, tokyo.bias], ["JP", 540]);
  assert.equal(await agent("TimeZone").getDefaultTimeZonePreferenceAsync({ timezone: "US-NY" }), 460);
  const zones = await agent("TimeZone").initializeTimeZoneDataAsync();
  const oslo = zones.find((one) => one.tZLocationID === 261);
  const [summer] = Object.values(oslo.timeZoneDSTRules);
  assert.equal(summer.tZOffset, 120);
  assert.equal(await agent("TimeZone").checkNewTimeZoneDataAvailableAsync(), false);
});

test("preferences", async () => {
  const section = `Client ${zone || "none"}`;
  const known = await agent("Preference").getPreferenceByNameAsync("DiaryView", "DefaultAlarmTime", "Undefined");
  assert.deepEqual([known.level, known.rawValue, known.displayType], ["HardDefault", "15", "Number"]);
  const mine = await agent("Preference").createDefaultPreferenceAsync();
  Object.assign(mine, { rawValue: "1", level: "Individual", specification: { section, key: "A" } });
  await agent("Preference", "kari").savePreferenceAsync(mine);
  const read = await agent("Preference", "kari").getPreferenceByNameAsync(section, "a", "Undefined");
  assert.deepEqual([read.level, read.rawValue, read.specification.key], ["Individual", "1", "A"]);
  assert.equal((await agent("Preference").getPreferenceByNameAndIdAsync(section, "A", "Individual", 2)).rawValue, "1");
  await agent("Preference", "kari").savePreferencesAsync([{ ...mine, rawValue: "2" }, { ...mine, specification: { section, key: "B" } }]);
  const specifications = [{ section, key: "B" }, { section, key: "A" }];
  assert.deepEqual((await agent("Preference", "kari").getPreferencesAsync(specifications)).map((one) => one.rawValue), ["1", "2"]);
  assert.equal((await agent("Preference", "kari").getPreferencesWithDisplayValuesAsync(specifications))[1].displayValue, "2");
  await assert.rejects(
    agent("Preference", "kari").savePreferenceEntityAsync({ ...mine, level: "Database" }, false),
    (error) => status(error) === 403 && error.response.data.ErrorType === "SoSentryException",
  );
  assert.equal((await agent("Preference").savePreferenceEntityAsync({ ...mine, level: "Database", rawValue: "9" }, true)).level, "Database");
  assert.equal((await agent("Preference", "kari").getPreferenceByNameAsync(section, "A", "Undefined")).rawValue, "9");
  await agent("Preference", "kari").savePreferenceEntitiesAsync([{ ...mine, rawValue: "3" }], false);
  const all = await agent("Preference").getAllAsync();
  assert.deepEqual(await agent("Preference").getAllFromSectionAsync("DiaryView"), all.filter((one) => one.section === "DiaryView"));
  assert.equal((await agent("Preference").getFromSectionAndKeyAsync("DiaryView", "DefaultAlarmTime")).maxLevel, "Individual");
  assert.equal((await agent("Preference").getXsrfValueAsync()).value, "");
});

test("appointments", async () => {
  const blank = await agent("Appointment").createDefaultAppointmentEntityAsync();
  assert.equal(blank.appointmentId, 0);
  Object.assign(blank, { description: "By the agent", startDate: START, endDate: END });
  const entity = await agent("Appointment").saveAppointmentEntityAsync(blank);
  assert.ok(entity.appointmentId > 0);
  assert.equal(entity.startDate.toISOString(), START.toISOString());
  const id = entity.appointmentId;
  assert.deepEqual(await agent("Appointment").getAppointmentEntityAsync(id), entity);
  Object.assign(entity, { location: "Bergen" });
  assert.equal((await agent("Appointment").saveAppointmentEntityAsync(entity)).location, "Bergen");
  const flat = await agent("Appointment").getAppointmentAsync(id);
  assert.deepEqual([flat.location, flat.associateId, flat.startDate.toISOString()], ["Bergen", 1, START.toISOString()]);
  const wrong = await agent("Appointment").validateAppointmentEntityAsync({ ...entity, location: "x".repeat(300) });
  assert.deepEqual(Object.keys(wrong), ["Location"]);
  assert.deepEqual(await agent("Appointment").validateAppointmentEntityAsync(entity), {});
  await agent("Appointment").deleteAppointmentEntityAsync(id);
  assert.equal(await agent("Appointment").getAppointmentEntityAsync(id), null);
  assert.equal(await agent("Appointment").getAppointmentAsync(id), null);
});

test("archives", async () => {
  const nordmann = { name: "fullName", operator: "contains", values: ["Nordmann"], isActive: true };
  const order = [{ name: "fullName", direction: "DESC" }];
  const words = ["FindPerson", ["personId", "fullName"], order, [nordmann], ["person"], 0, 10];
  const rows = await agent("Archive").getArchiveListByColumnsAsync(...words);
  assert.deepEqual(rows.map((row) => row.columnData.fullName.displayValue), ["Ola Nordmann", "Kari Nordmann"]);
  assert.deepEqual(rows.map((row) => row.columnData.personId.displayValue), ["[I:3]", "[I:2]"]);
  const same = [{ name: "personId", operator: "=", values: [rows[1].columnData.personId.displayValue], isActive: true }];
  assert.deepEqual(await agent("Archive").getArchiveListByColumnsAsync(...words.slice(0, 2), order, same, ["person"], 0, 10), [rows[1]]);
  assert.deepEqual(rows.map((row) => [row.primaryKey, row.entityName]), [[3, "person"], [2, "person"]]);
  assert.deepEqual(await agent("Archive").getArchiveListByColumnsWithContextAsync(...words, ""), rows);
  const counted = await agent("Archive").getArchiveListByColumnsWithHeaderAsync(...words.slice(0, 6), 1, "");
  assert.deepEqual([counted.rowCount, counted.rows.length], [2, 1]);
  assert.equal((await agent("Archive").getArchiveListByColumnsWithHeaderWithContextAsync(...words, "", "")).rowCount, 2);
  const texts = ["FindPerson", "personId,fullName", "fullName desc", "fullName contains 'Nordmann'", "person", 0, 10];
  assert.deepEqual(await agent("Archive").getArchiveListByColumns2Async(...texts), rows);
  assert.deepEqual(await agent("Archive").getArchiveListByColumnsWithContext2Async(...texts, ""), rows);
  assert.equal((await agent("Archive").getArchiveListByColumnsWithHeader2Async(...texts, "")).rowCount, 2);
  const mine = { name: "associateId", operator: "currentAssociate", values: [], isActive: true };
  const diary = await agent("Archive").getArchiveListAsync("Diary", "FindAppointment", [], [mine], [], 0, 3);
  assert.deepEqual(diary.map((row) => row.columnData.associateId.displayValue), ["demo", "demo", "demo"]);
  assert.equal((await agent("Archive").getArchiveList2Async("Diary", "FindAppointment", "", "associateId currentAssociate", "", 0, 3)).length, 3);
  assert.ok((await agent("Archive").getProviderNamesAsync()).includes("FindAppointment"));
  const columns = await agent("Archive").getAvailableColumnsAsync("FindAppointment", "");
  assert.ok(columns.some((one) => one.name === "contact/name" && one.canRestrictBy));
  assert.deepEqual(names(await agent("Archive").getAvailableEntitiesAsync("FindAppointment", "")), ["appointment"]);
  assert.deepEqual(await agent("Archive").getGroupAssociateIdsAsync([2]), [2, 5]);
  assert.equal((await agent("Archive").createDefaultArchiveListResultAsync()).rowCount, 0);
});

// Kind → the member that is its name, and what a new one needs besides.
const RECORDS = {
  Contact: ["name", { associate: { associateId: 2 } }],
  Person: ["lastname", { contact: { contactId: 2 }, associate: { associateId: 2 } }],
  Project: ["name", { associate: { associateId: 2 } }],
  Sale: ["heading", { contact: { contactId: 2 }, person: { personId: 2 }, project: { projectId: 1 }, associate: { associateId: 2 } }],
};
for (const [kind, [member, more]] of Object.entries(RECORDS)) {
  test(`records: ${kind}`, async () => {
    const blank = await rest(kind).getDefaultAsync();
    assert.equal(blank[`${kind.toLowerCase()}Id`], 0);
    const entity = await rest(kind).postAsync({ ...more, [member]: "From the client" });
    const id = entity[`${kind.toLowerCase()}Id`];
    assert.ok(id > 0);
    for (const [other, key] of Object.entries(more)) for (const name of Object.keys(key)) assert.equal(entity[other][name], key[name], other);
    assert.deepEqual(await rest(kind).getByIdAsync(id), entity);
    const saved = await agent(kind)[`save${kind}EntityAsync`]({ ...entity, associate: { associateId: 1 } });
    assert.equal(saved.associate.associateId, 1);
    for (const other of Object.keys(more)) if (other !== "associate") assert.deepEqual(saved[other], entity[other]);
    const got = {};
    const seen = { responseCallback: (response) => (got.modified = new Date(response.headers["last-modified"])) };
    const patched = await rest(kind).patchByIdAsync(id, [{ op: WebApiPatchOp.replace, path: `/${member}`, value: "Patched" }], seen);
    assert.equal(patched[member], "Patched");
    assert.equal((await rest(kind).patchByIdAsync(id, { [member]: "Merged" }))[member], "Merged");
    await assert.rejects(rest(kind).patchByIdAsync(id, { [member]: "Stale" }, { ifUnmodifiedSince: got.modified }), (error) => status(error) === 412);
    assert.equal((await rest(kind).getByIdAsync(id))[member], "Merged");
    await assert.rejects(rest(kind).getByIdAsync(9999), (error) => status(error) === 404);
  });
}

// Members of the flat carriers that the client's own entities do not have, or have in another form.
const UNSEEN = {
  Contact: { DirectPhone: "+47 22 33 44 55", EmailAddress: "post@acme.example", URL: "https://acme.example", AssociateId: 2, Kananame: "Akume", Address: { Street: { Address1: "Nygata 5", City: "Oslo" } } },
  Person: { DirectPhone: "+47 22 33 44 56", MobilePhone: "+47 90 00 00 00", Email: "ada@acme.example", ContactId: 2, AssociateId: 2, CountryId: 578, Retired: 1, Position: "Chief" },
  Project: { URL: "https://move.example", AssociateId: 2, StatusId: 1, TypeId: 1, Type: "Internal" },
  Sale: { ContactId: 2, PersonId: 2, AssociateId: 2, ProjectId: 1, Currency: "NOK", SaleTypeName: "Boats", EarningPercent: 12.5 },
};
const TEXT = { Contact: "department", Person: "title", Project: "description", Sale: "number" };
const ours = { Authorization: `Basic ${Buffer.from("demo:demo").toString("base64")}`, "Content-Type": "application/json" };
async function raw(method, path, body) {
  const answer = await fetch(`${url}/api/v1/${path}`, { method, headers: ours, body: body && JSON.stringify(body) });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
}
for (const [kind, [member]] of Object.entries(RECORDS)) {
  test(`records put back: ${kind}`, async () => {
    const name = member[0].toUpperCase() + member.slice(1);
    const before = await raw("POST", kind, { [name]: "Whole", ...UNSEEN[kind] });
    for (const [key, value] of Object.entries(UNSEEN[kind])) if (key !== "Address") assert.equal(before[key], value, key);
    const id = before[`${kind}Id`];
    const entity = await rest(kind).getByIdAsync(id);
    assert.deepEqual(await rest(kind).putByIdAsync(id, entity), entity, "sending back what was read changes nothing");
    assert.deepEqual(await raw("GET", `${kind}/${id}`), before);
    entity[TEXT[kind]] = "By PUT";
    assert.equal((await rest(kind).putByIdAsync(id, entity))[TEXT[kind]], "By PUT");
    const after = await raw("GET", `${kind}/${id}`);
    const text = TEXT[kind][0].toUpperCase() + TEXT[kind].slice(1);
    const follows = ["UpdatedBy", "UpdatedDate", "Updated", "FullName", "FormalName"];
    for (const key of Object.keys(before)) if (key !== text && !follows.includes(key)) assert.deepEqual(after[key], before[key], key);
    assert.equal(after[text], "By PUT");
  });
}

for (const [kind, entity, flat] of [
  ["Contact", { name: "By agent" }, "name"],
  ["Person", { lastname: "Agent" }, "lastname"],
  ["Project", { name: "By agent" }, "name"],
  ["Sale", { heading: "By agent" }, "title"],
]) {
  test(`records by their agent: ${kind}`, async () => {
    const id = `${kind.toLowerCase()}Id`;
    const blank = await agent(kind)[`createDefault${kind}EntityAsync`]();
    assert.equal(blank[id], 0);
    const made = await agent(kind)[`save${kind}EntityAsync`]({ ...blank, ...entity });
    assert.ok(made[id] > 0);
    assert.deepEqual(await agent(kind)[`get${kind}EntityAsync`](made[id]), made);
    assert.deepEqual(await agent(kind)[`save${kind}EntityAsync`](made), made, "sending back what was read changes nothing");
    const shown = await agent(kind)[`get${kind}Async`](made[id]);
    assert.equal(shown[flat], Object.values(entity)[0]);
    const told = shown.fieldProperties[flat[0].toUpperCase() + flat.slice(1)];
    assert.equal(told.fieldRight.mask & 3, 3, "Read and Write");
    assert.deepEqual(await agent(kind)[`get${kind}ListAsync`]([made[id]]), [shown]);
    assert.equal(await agent(kind)[`get${kind}EntityAsync`](99999), null);
    await assert.rejects(
      agent(kind)[`delete${kind}EntityAsync`](made[id]),
      (error) => status(error) === 400 && error.response.data.ErrorMessage.includes("deletion of records"),
    );
  });
}

test("webhooks", async () => {
  const blank = await agent("Webhook").createDefaultWebhookAsync();
  assert.deepEqual([blank.webhookId, blank.name, blank.state, blank.type], [0, null, "Active", "webhook"]);
  assert.deepEqual(await agent("Webhook").getAllWebhooksAsync(null, null, "Unknown"), []);
  assert.equal(await agent("Webhook").getWebhookAsync(99), null);
  await assert.rejects(
    agent("Webhook").saveWebhookAsync({ ...blank, name: "Open", targetUrl: "http://www.example.com" }),
    (error) =>
      status(error) === 400 &&
      error.response.data.ErrorType === "ArgumentException" &&
      error.response.data.ErrorMessage.includes("must begin with https://") &&
      error.response.data.ErrorMessage.includes("APPOINTED_WEBHOOK_PLAIN_HTTP"),
  );
  await agent("Webhook").signalEventAsync("window.closed", 7, {});
  await assert.rejects(agent("Webhook", "kari").createDefaultWebhookAsync(), (error) => status(error) === 403);
});
