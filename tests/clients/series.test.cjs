// A weekly series of ten, told with the official client's AppointmentAgent against a running server; see
// superoffice.test.cjs for the environment. After each step the other contract is asked for the same dates.
"use strict";
const assert = require("node:assert/strict");
const test = require("node:test");
const so = require("@superoffice/webapi");

const url = process.env.APPOINTED_URL;
const zone = process.env.APPOINTED_ZONE || "";
const basic = (user) => `Basic ${Buffer.from(`${user}:${user}`).toString("base64")}`;

function made(user) {
  const options = { baseUrl: `${url}/api`, languageCode: "en", axiosConfig: { headers: { Authorization: basic(user) } } };
  if (zone) Object.assign(options, { timezone: zone, timezoneInclude: true });
  return new so.AppointmentAgent(options);
}
// An agent per call: one that was given axiosConfig.headers keeps a call's own headers in them.
const as = (user) => new Proxy({}, { get: (_target, name) => (...words) => made(user)[name](...words) });
const [demo, kari, ola] = ["demo", "kari", "ola"].map(as);
const DEMO = 1, KARI = 2, OLA = 3, ROOM = 4;

// Ten Mondays at nine in Oslo. The clocks go back on the 31st of October, between the fifth and the sixth.
const days = ["09-27", "10-04", "10-11", "10-18", "10-25", "11-01", "11-08", "11-15", "11-22", "11-29"];
const offset = (place) => (place < 5 ? 2 : 1);
const wall = (place, hour) => new Date(`2032-${days[place]}T${String(hour - offset(place)).padStart(2, "0")}:00:00Z`);
const START = wall(0, 9), FROM = new Date("2032-09-26T22:00:00Z"), TO = new Date("2032-12-01T00:00:00Z");

const story = {};
const records = () => demo.getAppointmentRecordsAsync(0, story.rule);
const of = (rows, who) => rows.filter((row) => row.associateId === who).sort((a, b) => a.startDate - b.startDate);
const dates = async () => of(await records(), DEMO);
const statuses = async (who) => of(await records(), who).map((row) => row.invitationStatus);
const starts = (rows) => rows.map((row) => row.startDate.toISOString());
const walls = (hours) => hours.map((hour, place) => wall(place, hour).toISOString());
const entityOf = async (place) => demo.getAppointmentEntityAsync((await dates())[place].appointmentId);

let token;
async function there(path) {
  if (!token) {
    const form = new URLSearchParams({ grant_type: "client_credentials" });
    const answer = await fetch(`${url}/oauth2/token`, { method: "POST", body: form, headers: { Authorization: basic("demo") } });
    token = (await answer.json()).access_token;
  }
  const answer = await fetch(`${url}/api/v1/appointments${path}`, { headers: { Authorization: `Bearer ${token}`, Accept: "application/json" } });
  return answer.status === 200 ? (await answer.json()).data : answer.status;
}

// What both contracts say of every date of the series is the same.
async function bothAgree() {
  for (const row of await dates()) {
    const here = await demo.getAppointmentEntityAsync(row.appointmentId);
    const seen = await there(`/${here.customFields.x_uid}`);
    assert.equal(new Date(seen.appointment_at).toISOString(), here.startDate.toISOString());
    assert.equal(seen.duration_in_minutes, (here.endDate - here.startDate) / 60000);
    assert.equal(seen.reference, here.customFields.x_reference);
    assert.equal(seen.status, here.customFields.x_status);
    assert.equal(String(seen.department.id), here.customFields.x_department);
    assert.equal(seen.cancelled_at, null);
  }
}

test("ten Mondays, two guests and a room", async () => {
  const blank = await demo.createDefaultAppointmentEntityAsync();
  const rule = await demo.createDefaultRecurrenceByDateAsync(START);
  Object.assign(rule, { isRecurrence: true, pattern: "Weekly", recurrenceEndType: "Counter", recurrenceCounter: 10 });
  const people = [DEMO, KARI, OLA, ROOM].map((associateId) => ({ associateId }));
  Object.assign(blank, { title: "Harbour office", startDate: START, endDate: wall(0, 10), recurrence: rule, participants: people });
  const asked = await demo.calculateDaysAsync(blank);
  assert.equal(asked.dates.length, 10);
  assert.ok(asked.dates.every((day) => day.isConflict === false));
  assert.deepEqual(await demo.validateAppointmentEntityAsync(blank), {});
  const first = await demo.saveAsync(blank, "OnlyThis", false, null, null);
  story.rule = first.recurrence.recurrenceId;
  assert.ok(story.rule > 0);
  assert.deepEqual([first.bookingType, first.motherId], ["Owner", first.appointmentId]);
  const rows = await records();
  assert.equal(rows.length, 40);
  assert.deepEqual(starts(of(rows, DEMO)), walls(Array(10).fill(9)));
  assert.deepEqual(await statuses(KARI), Array(10).fill("Invitation"));
  assert.deepEqual(await statuses(OLA), Array(10).fill("Invitation"));
  assert.deepEqual(await statuses(ROOM), Array(10).fill("Accepted"));
  assert.equal((await kari.getMyDiaryAsync(FROM, TO, -1)).length, 10);
  assert.equal(await kari.getOrganizerNameAsync(first.appointmentId), "Demo Administrator");
  const alarms = await kari.getAlarmsAsync(true, true, 15);
  assert.ok(Array.isArray(alarms.alarms));
  await bothAgree();
});

test("both guests see it and accept, for all dates at once", async () => {
  const [first] = await dates();
  await kari.setSeenAsync(first.appointmentId, "ThisAndForward");
  assert.deepEqual(await statuses(KARI), Array(10).fill("Seen"));
  await kari.acceptAsync(first.appointmentId, "ThisAndForward");
  const own = of(await records(), OLA)[0];
  await ola.acceptAsync(own.appointmentId, "ThisAndForward");
  assert.deepEqual(await statuses(KARI), Array(10).fill("Accepted"));
  assert.deepEqual(await statuses(OLA), Array(10).fill("Accepted"));
  const participants = (await entityOf(9)).participants;
  assert.deepEqual(participants.map((one) => one.invitationStatus), Array(4).fill("Accepted"));
  await bothAgree();
});

test("one guest declines one date", async () => {
  const fourth = (await dates())[3];
  await ola.rejectAsync(fourth.appointmentId, "In Tromsø that week", "OnlyThis");
  assert.deepEqual(await statuses(OLA), Array(10).fill("Accepted").with(3, "Declined"));
  assert.equal((await ola.getMyDiaryAsync(FROM, TO, -1)).length, 9);
  const entity = await entityOf(3);
  assert.equal(entity.rejectCounter, 1);
  assert.equal((await entityOf(4)).rejectCounter, 0);
  const row = of(await records(), OLA)[3];
  assert.equal((await ola.getAppointmentEntityAsync(row.appointmentId)).rejectReason, "In Tromsø that week");
  const noted = await demo.acceptRejectedAsync(entity.appointmentId, "OnlyThis");
  assert.equal(noted.appointmentId, entity.appointmentId);
  assert.equal(of(await records(), OLA)[3].invitationStatus, "Hidden");
  await bothAgree();
});

test("one date is an exception: another place, an hour later", async () => {
  const sixth = await entityOf(5);
  Object.assign(sixth, { location: "Quay 4", startDate: wall(5, 10), endDate: wall(5, 12) });
  const after = await demo.saveAsync(sixth, "OnlyThis", false, null, null);
  assert.deepEqual([after.location, after.startDate.toISOString()], ["Quay 4", wall(5, 10).toISOString()]);
  assert.deepEqual(starts(await dates()), walls([9, 9, 9, 9, 9, 10, 9, 9, 9, 9]));
  // The others are where the room is that comes.
  assert.equal((await entityOf(6)).location, "Meeting room 1");
  // Who had said yes is asked again, for this date alone.
  assert.deepEqual(await statuses(KARI), Array(10).fill("Accepted").with(5, "Moved"));
  assert.equal((await statuses(ROOM))[5], "Accepted");
  await bothAgree();
});

test("the organiser moves this and forward, and the room refuses the date on which it is busy", async () => {
  const busy = await demo.createDefaultAppointmentEntityAsync();
  Object.assign(busy, { title: "Board", startDate: wall(7, 14), endDate: wall(7, 15), participants: [{ associateId: DEMO }, { associateId: ROOM }] });
  story.board = await demo.saveAsync(busy, "OnlyThis", false, null, null);
  // Asked before: which dates clash in the organiser's own diary. The board does.
  const third = await entityOf(2);
  const asked = await demo.validateDaysAsync({ ...third, startDate: wall(2, 14), endDate: wall(2, 15) }, [wall(2, 14), wall(7, 14)]);
  assert.deepEqual(asked.map((day) => day.isConflict), [false, true]);
  const moved = await demo.moveAsync(third.appointmentId, wall(2, 14), "ThisAndForward");
  assert.equal(moved.endDate.toISOString(), wall(2, 15).toISOString());
  // The two before stay, the exception keeps its own time and place.
  assert.deepEqual(starts(await dates()), walls([9, 9, 14, 14, 14, 10, 14, 14, 14, 14]));
  assert.equal((await entityOf(5)).location, "Quay 4");
  assert.deepEqual(await statuses(ROOM), Array(10).fill("Accepted").with(7, "Declined"));
  const eighth = await entityOf(7);
  assert.deepEqual([eighth.rejectCounter, eighth.hasConflict], [1, true]);
  assert.deepEqual(await statuses(KARI), ["Accepted", "Accepted", ...Array(8).fill("Moved")]);
  // Who has declined is not asked again.
  assert.deepEqual((await statuses(OLA))[3], "Hidden");
  // The room stands where it said yes, and nowhere else.
  const room = await demo.getAssociateDiaryAsync(ROOM, FROM, TO, -1);
  assert.equal(room.length, 10);
  assert.deepEqual(starts(room), walls([9, 9, 14, 14, 14, 10, 14, 14, 14, 14]));
  assert.equal(room[7].motherId, story.board.appointmentId);
  await bothAgree();
});

test("the guests answer again", async () => {
  const third = (await dates())[2];
  await kari.setSeenAsync(third.appointmentId, "ThisAndForward");
  assert.deepEqual((await statuses(KARI)).slice(1, 4), ["Accepted", "MovedSeen", "MovedSeen"]);
  await kari.acceptAsync(third.appointmentId, "ThisAndForward");
  assert.deepEqual(await statuses(KARI), Array(10).fill("Accepted"));
  await bothAgree();
});

test("the series is stopped", async () => {
  const last = (await dates())[9];
  const uid = (await entityOf(9)).customFields.x_uid;
  const ninth = await entityOf(8);
  const after = await demo.saveAsync(ninth, "StopRecurrence", false, null, null);
  assert.equal(after.recurrence.dates.length, 9);
  assert.deepEqual(starts(await dates()), walls([9, 9, 14, 14, 14, 10, 14, 14, 14]));
  assert.equal(await demo.getAppointmentEntityAsync(last.appointmentId), null);
  assert.equal(await there(`/${uid}`), 404);
  // The guest who had accepted is told, and clears it away; the room has its time again.
  assert.deepEqual((await statuses(KARI)).at(-1), "Cancelled");
  assert.equal((await kari.getMyDiaryAsync(FROM, TO, -1)).length, 9);
  assert.equal(await kari.cleanUpRecurringBookingDeletedAsync(), 1);
  assert.equal((await statuses(KARI)).length, 9);
  const [free] = await demo.getNextAvailableTimeAsync([ROOM], wall(9, 14), wall(9, 15), 1, false);
  assert.equal(free.recommendedTimeStart.toISOString(), wall(9, 14).toISOString());
  await bothAgree();
});

test("the rest is called off", async () => {
  const [first] = await dates();
  await demo.deleteAsync(first.appointmentId, "ThisAndForward", false, null, null);
  assert.deepEqual(await dates(), []);
  assert.equal(await kari.cleanUpRecurringBookingDeletedAsync(), 9);
  await ola.cleanUpRecurringBookingDeletedAsync();
  assert.deepEqual(of(await records(), KARI), []);
  await demo.deleteAppointmentEntityAsync(story.board.appointmentId);
  assert.equal((await demo.getAssociateDiaryAsync(ROOM, FROM, TO, -1)).length, 0);
});
