// Copyright (c) 2026, hybrid.connectors contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Create the charts and the table of the page from the report, which is a JSON document in the element #data.
// Values from the report are only inserted as text nodes and attribute values, never as markup.
"use strict";

(() => {
  const CHUNK = 100;
  // Maximum height of the printed table in pixels (about 16 pages), and the heights of a row with one line and two lines.
  const PRINTED = 16000;
  const ROW_HEIGHTS = [12, 22];
  const PRINTED_LINE = 58;
  const MAX_OPTIONS = 1000;
  const LISTED = 6;
  const DAY = 86400000;
  const WEEKS = 13;
  const HEALTHS = ["down", "degraded", "unknown", "maintenance", "healthy"];
  const SEVERITIES = ["critical", "error", "warning", "alert"];
  const SEVERITY_ICONS = { critical: "down", error: "error", warning: "degraded", alert: "notice" };

  const byId = (id) => document.getElementById(id);
  const report = JSON.parse(byId("data").textContent);
  const made = new Date(report.generated_at);
  const titles = new Map(report.systems.map((system) => [system.system, system.title]));
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const numbers = new Intl.NumberFormat("en");

  // Text and elements

  const plural = (count, one, many = `${one}s`) => `${numbers.format(count)} ${count === 1 ? one : many}`;

  /** Replace control characters and characters that change the text direction with their code points. */
  const plain = (value) =>
    String(value ?? "").replace(
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
      (sign) => `[U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`,
    );

  const short = (value, length = 120) => {
    const text = plain(value);
    return text.length > length ? `${text.slice(0, length)}…` : text;
  };

  const node = (space, name, attributes, children) => {
    const element = space ? document.createElementNS(space, name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes ?? {})) {
      if (value !== null && value !== undefined && value !== false) {
        element.setAttribute(key, value === true ? "" : value);
      }
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return element;
  };
  const h = (name, attributes, ...children) => node(null, name, attributes, children);
  const s = (name, attributes, ...children) => node("http://www.w3.org/2000/svg", name, attributes, children);

  const icon = (name) =>
    s("svg", { class: `icon ${name}`, "aria-hidden": "true", width: 14, height: 14 }, s("use", { href: `#icon-${name}` }));

  const healthIcon = (health) => icon(HEALTHS.includes(health) ? health : "unknown");

  /** Return the URL that shows the rows that match these filters. */
  const to = (filters) => `#${new URLSearchParams(filters)}`;

  const link = (filters, ...children) => h("a", { href: to(filters) }, ...children);

  const parseDate = (text) => {
    const date = text ? new Date(text) : null;
    return date && !Number.isNaN(date.getTime()) ? date : null;
  };

  const day = (date) => date.toISOString().slice(0, 10);

  const two = (number) => String(number).padStart(2, "0");

  const zone = (date) =>
    new Intl.DateTimeFormat("en", { timeZoneName: "short" }).formatToParts(date).find(({ type }) => type === "timeZoneName").value;

  /** Format a time in the time zone of the user, followed by the time in UTC. */
  const shown = (date) => {
    const utc = date.toISOString().slice(0, 16).replace("T", " ");
    if (date.getTimezoneOffset() === 0) return `${utc} UTC`;
    const localDay = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
    const local = `${localDay} ${two(date.getHours())}:${two(date.getMinutes())} ${zone(date)}`;
    return `${local} (${utc.startsWith(localDay) ? utc.slice(11) : utc} UTC)`;
  };

  const age = (milliseconds) => {
    const minutes = Math.max(0, milliseconds) / 60000;
    if (minutes < 60) return plural(Math.round(minutes), "minute");
    if (minutes < 2 * 1440) return plural(Math.round(minutes / 60), "hour");
    return plural(Math.round(minutes / 1440), "day");
  };

  /** Return a time in words. The tooltip, which is also printed, contains the exact time. */
  const exact = (date, words) => h("time", { datetime: date.toISOString(), title: shown(date) }, words);

  const ago = (date) => (date > made ? `in ${age(date - made)}` : `${age(made - date)} ago`);

  const when = (text) => {
    const date = parseDate(text);
    return date ? exact(date, ago(date)) : plain(text);
  };

  const TIMES = /(in [\d.]+ days, )?(at |since )?(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)/g;

  /** Return a sentence in which words replace the exact times. */
  const sentence = (value, length) => {
    const line = length ? short(value, length) : plain(value);
    const parts = [];
    let end = 0;
    for (const found of line.matchAll(TIMES)) {
      const date = parseDate(found[3]);
      if (!date) continue;
      const words = found[2] === "since " && date <= made ? `for ${age(made - date)}` : ago(date);
      parts.push(line.slice(end, found.index), exact(date, words));
      end = found.index + found[0].length;
    }
    return h("bdi", {}, ...parts, line.slice(end));
  };

  // Alarms, tokens, changes and mutes by record

  const key = (item) => JSON.stringify([item.system, item.id]);

  const gathered = (items) => {
    const found = new Map();
    for (const item of items) {
      const name = key(item);
      if (!found.has(name)) found.set(name, []);
      found.get(name).push(item);
    }
    return found;
  };

  const records = report.records;
  const changes = report.changes;
  const alarmsOf = gathered(report.alarms);
  const expiriesOf = gathered(report.expiries);
  const changed = Object.fromEntries(
    ["new", "worse", "recovered", "appeared", "health", "version"].map((kind) => [kind, gathered(changes?.[kind] ?? [])]),
  );
  const stateOf = new Map((report.unhealthy ?? []).map((state) => [key(state), state]));
  const muteOf = new Map((report.mutes ?? []).map((mute) => [key(mute), mute]));
  const sinceOf = (record) => parseDate(stateOf.get(key(record))?.since);

  const between = (start, words) => (start ? exact(start, words ?? age(made - start)) : null);

  const calendarStart = (() => {
    const start = new Date(Date.UTC(made.getUTCFullYear(), made.getUTCMonth(), made.getUTCDate()));
    return new Date(start - ((start.getUTCDay() + 6) % 7) * DAY);
  })();
  const calendarEnd = new Date(calendarStart.getTime() + WEEKS * 7 * DAY);

  /** Return the place of a token in the calendar: the day on which the token expires, "expired" or "later". */
  const place = (expiry) => {
    const end = parseDate(expiry.expires_at);
    if (!end) return "later";
    if (expiry.days_left < 0) return "expired";
    return end < calendarEnd ? day(end) : "later";
  };

  // The table: columns, filters and sort order

  const rank = (order, value) => (order.includes(value) ? order.indexOf(value) : order.length);

  const ALL_COLUMNS = [
    { name: "health", title: "Health", value: (record) => rank(HEALTHS, record.health) },
    { name: "since", title: "For", value: (record) => sinceOf(record)?.getTime() ?? null },
    { name: "system", title: "System", value: (record) => titles.get(record.system) ?? record.system },
    { name: "name", title: "Name", value: (record) => record.name ?? record.id },
    { name: "version", title: "Version", value: (record) => record.version },
    { name: "last_seen", title: "Last seen", value: (record) => parseDate(record.last_seen)?.getTime() ?? null },
    { name: "group", title: "Group", value: (record) => record.group },
    { name: "problems", title: "Problems", value: (record) => (record.problems ?? []).length || null },
  ];
  const isEmpty = (value) => value === null || value === undefined || value === "";
  const ALWAYS = ["health", "system", "name"];
  const SCREEN_COLUMNS = ["version", "last_seen"]; // report.css hides these columns in print
  // Columns without a value in any row are hidden.
  const COLUMNS = ALL_COLUMNS.filter(({ name, value }) => ALWAYS.includes(name) || records.some((record) => !isEmpty(value(record))));

  const severity = (alarm) => String(alarm.severity || "unknown");

  const FILTERS = {
    system: (record, value) => record.system === value,
    health: (record, value) => (value === "problem" ? record.health !== "healthy" : record.health === value),
    version: (record, value) => String(record.version ?? "") === value,
    outdated: (record) => record.outdated === true,
    group: (record, value) => String(record.group ?? "") === value,
    org: (record, value) => String(record.org ?? "") === value,
    type: (record, value) => String(record.type ?? "") === value,
    muted: (record) => muteOf.has(key(record)),
    id: (record, value) => String(record.id) === value,
    expires: (record, value) =>
      (expiriesOf.get(key(record)) ?? []).some((expiry) => value === "any" || place(expiry) === value),
    alarm: (record, value) =>
      (alarmsOf.get(key(record)) ?? []).some((alarm) => value === "any" || severity(alarm) === value),
    change: (record, value) => Boolean(changed[value]?.has(key(record))),
  };
  const SELECTS = ["system", "health", "org", "group", "type"];
  const BOXES = { outdated: "1", alarm: "any", muted: "1" };

  const CHANGE_WORDS = {
    new: "new problem", worse: "worse", recovered: "recovered", appeared: "added", health: "changed health", version: "changed version",
  };
  const CHIPS = {
    version: (value) => `version ${value || "unknown"}`,
    outdated: () => "outdated",
    group: (value) => `group ${value || "none"}`,
    org: (value) => `organization ${value || "none"}`,
    type: (value) => `type ${value || "none"}`,
    muted: () => "muted",
    id: (value) => `id ${value}`,
    expires: (value) =>
      ({ expired: "token expired", later: "token expires later", any: "token expires" })[value] ?? `token expires on ${value}`,
    alarm: (value) => (value === "any" ? "with an alarm" : `alarm: ${value}`),
    change: (value) => CHANGE_WORDS[value] ?? value,
  };

  const haystacks = [];
  const haystack = (index) => {
    if (haystacks[index] === undefined) {
      const { system, id, name, host, status, health, version, group, org, type, problems } = records[index];
      const fields = [titles.get(system), system, id, name, host, status, health, version, group, org, type, ...(problems ?? [])];
      haystacks[index] = fields.filter((field) => field !== null && field !== undefined).join("\n").toLowerCase();
    }
    return haystacks[index];
  };

  // For each column, the sort positions of all records. The position is null if the record does not have a value.
  const orders = new Map();
  const placesBy = (column) => {
    if (!orders.has(column.name)) {
      const values = records.map(column.value);
      const compare = values.every((value) => isEmpty(value) || typeof value === "number")
        ? (one, other) => one - other
        : (one, other) => collator.compare(one, other);
      const distinct = [...new Set(values.filter((value) => !isEmpty(value)))].sort(compare);
      const places = new Map();
      distinct.forEach((value, index) => {
        const same = index > 0 && compare(distinct[index - 1], value) === 0;
        places.set(value, same ? places.get(distinct[index - 1]) : index);
      });
      orders.set(column.name, values.map((value) => (isEmpty(value) ? null : places.get(value))));
    }
    return orders.get(column.name);
  };

  const state = { q: "", sort: "health", dir: "asc", filters: {} };
  let found = [];
  let rendered = 0;
  let onPaper = false;
  const open = new Set();

  const matching = () => {
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    const filters = Object.entries(state.filters).map(([name, value]) => [FILTERS[name], value]);
    const result = [];
    records.forEach((record, index) => {
      if (filters.every(([matches, value]) => matches(record, value))) {
        if (!words.length || words.every((word) => haystack(index).includes(word))) result.push(index);
      }
    });
    return result;
  };

  const ordered = (indexes) => {
    const column = COLUMNS.find(({ name }) => name === state.sort);
    const first = placesBy(column);
    const names = placesBy(ALL_COLUMNS.find(({ name }) => name === "name"));
    const sign = state.dir === "desc" ? -1 : 1;
    return indexes.sort((one, other) => {
      const [a, b] = [first[one], first[other]];
      if (a !== b) {
        if (a === null) return 1;
        if (b === null) return -1;
        return sign * (a - b);
      }
      return (names[one] ?? Infinity) - (names[other] ?? Infinity) || one - other;
    });
  };

  // The table: rows

  const [head, body] = [byId("table").tHead, byId("table").tBodies[0]];

  const cell = (column, ...children) => h("td", { role: "cell", class: column, "data-label": titleOf(column) }, ...children);
  const titleOf = (column) => ALL_COLUMNS.find(({ name }) => name === column).title;
  const text = (value) => h("bdi", {}, short(value));

  /** Return a path with an optional line break after each dot. */
  const breakable = (value) =>
    h("bdi", {}, ...short(value).split(/(?<=\.)/).slice(0, 40).flatMap((part, index) => (index ? [h("wbr"), part] : [part])));

  const quietLine = (...children) => h("span", { class: "quiet sub" }, ...children);

  const mutedTag = (record) => {
    const mute = muteOf.get(key(record));
    if (!mute) return null;
    const end = parseDate(mute.until);
    return h("span", { class: "tag muted", title: mute.reason ? plain(mute.reason) : null }, end ? ["muted until ", exact(end, day(end))] : "muted");
  };

  const CELLS = {
    health: (record) => [
      h("span", { class: "health" }, healthIcon(record.health), " ", plain(record.health)),
      mutedTag(record),
    ],
    since: (record) => [between(sinceOf(record), made - sinceOf(record) < 60000 ? "new" : null)],
    system: (record) => [titles.get(record.system) ?? plain(record.system)],
    version: (record) => [
      record.version ? text(record.version) : null,
      record.outdated === true ? h("span", { class: "tag" }, icon("outdated"), " outdated") : null,
    ],
    last_seen: (record) => [record.last_seen ? when(record.last_seen) : null],
    group: (record) => [
      record.group ? breakable(record.group) : null,
      record.org && record.org !== record.group ? quietLine(text(record.org)) : null,
    ],
    problems: (record) => {
      const problems = record.problems ?? [];
      if (onPaper) return [sentence(problems.join(" "), 240)];
      return [
        problems.length ? sentence(problems[0], 240) : null,
        problems.length > 1 ? h("span", { class: "tag" }, ` +${problems.length - 1} more`) : null,
      ];
    },
  };

  const row = (index, position) => {
    const record = records[index];
    const name = record.name ?? record.id ?? "unnamed";
    const button = h(
      "button",
      { type: "button", "aria-expanded": String(open.has(index)), "data-index": index, title: "Show details" },
      text(name),
    );
    const host = record.host && record.host !== name ? quietLine(breakable(record.host)) : null;
    return h(
      "tr",
      { role: "row", "aria-rowindex": position + 2, class: `record ${HEALTHS.includes(record.health) ? record.health : "unknown"}` },
      ...COLUMNS.map((column) =>
        column.name === "name"
          ? h("th", { role: "rowheader", scope: "row", class: "name", "data-label": "Name" }, onPaper ? text(name) : button, host)
          : cell(column.name, ...CELLS[column.name](record)),
      ),
    );
  };

  const fact = (title, ...children) => [h("dt", {}, title), h("dd", {}, ...children)];

  const details = (index) => {
    const record = records[index];
    const facts = [];
    const known = [
      ["Name", record.name], ["ID", record.id], ["Status", record.status], ["Type", record.type], ["Host", record.host],
      ["Group", record.group],
      ["Organization", record.org === record.group ? null : record.org],
    ];
    for (const [title, value] of known) {
      if (value) facts.push(...fact(title, h("bdi", {}, plain(value))));
    }
    const seen = parseDate(record.last_seen);
    if (seen) facts.push(...fact("Last seen", shown(seen)));
    const since = sinceOf(record);
    if (since) facts.push(...fact("Unhealthy", `for ${age(made - since)}, since ${shown(since)}`));
    const mute = muteOf.get(key(record));
    if (mute) {
      const end = parseDate(mute.until);
      facts.push(...fact("Muted", `${end ? `until ${shown(end)}` : "indefinitely"}${mute.reason ? `: ${plain(mute.reason)}` : ""}`));
    }
    const list = (title, items) => {
      if (items.length) facts.push(...fact(title, h("ul", {}, ...items.map((item) => h("li", {}, ...item)))));
    };
    list("Problems", (record.problems ?? []).map((problem) => [sentence(problem)]));
    list("Tokens", (expiriesOf.get(key(record)) ?? []).map((expiry) => [`${plain(expiry.token)} token: `, ending(expiry)]));
    list(
      "Alarms",
      (alarmsOf.get(key(record)) ?? []).map((alarm) => [
        h("bdi", {}, `${plain(severity(alarm))}: ${plain(alarm.title)}. ${plain(alarm.description)}`),
        alarm.raised_at ? h("span", { class: "quiet" }, " raised ", when(alarm.raised_at)) : null,
      ]),
    );
    list(
      "Since the last report",
      [
        ...["new", "worse", "recovered", "appeared"].filter((kind) => changed[kind].has(key(record))).map((kind) => CHANGE_WORDS[kind]),
        ...["health", "version"].flatMap((kind) =>
          (changed[kind].get(key(record)) ?? []).map(
            (change) => `${kind}: ${plain(change.before ?? "unknown")} → ${plain(change.after ?? "unknown")}`,
          ),
        ),
      ].map((line) => [h("bdi", {}, line)]),
    );
    const narrower = [];
    if (record.group) narrower.push(link({ system: record.system, group: record.group }, "All of this group"));
    if (record.version) narrower.push(link({ system: record.system, version: record.version }, "All of this version"));
    return h(
      "tr",
      { role: "row", class: "details" },
      h(
        "td",
        { role: "cell", colspan: COLUMNS.length },
        h("dl", {}, ...facts),
        narrower.length ? h("p", { class: "narrower" }, narrower[0], narrower[1] ? [" · ", narrower[1]] : null) : null,
      ),
    );
  };

  const rows = (from, until) => {
    const fragment = document.createDocumentFragment();
    for (let position = from; position < until; position += 1) {
      fragment.append(row(found[position], position));
      if (open.has(found[position])) fragment.append(details(found[position]));
    }
    return fragment;
  };

  const showMore = (count) => {
    const until = Math.min(found.length, rendered + count);
    body.append(rows(rendered, until));
    rendered = until;
    const left = found.length - rendered;
    byId("more").hidden = left === 0;
    byId("more").replaceChildren(
      `${numbers.format(rendered)} of ${numbers.format(found.length)} shown. `,
      left ? h("button", { type: "button", id: "next" }, `Show ${numbers.format(Math.min(CHUNK, left))} more`) : "",
    );
  };

  const showTable = () => {
    found = ordered(matching());
    rendered = 0;
    body.replaceChildren();
    byId("table").setAttribute("aria-rowcount", found.length + 1);
    byId("table").hidden = found.length === 0;
    byId("nothing").hidden = found.length > 0 || records.length === 0;
    for (const name of ["csv", "json"]) byId(name).disabled = found.length === 0;
    showMore(CHUNK);
    byId("found").textContent =
      found.length === records.length
        ? plural(found.length, "connector")
        : `${numbers.format(found.length)} of ${plural(records.length, "connector")}`;
    byId("chips").replaceChildren(
      ...Object.entries(state.filters)
        .filter(([name]) => name in CHIPS)
        .map(([name, value]) =>
          h(
            "button",
            { type: "button", class: "chip", "data-filter": name, "aria-label": `Remove filter: ${short(CHIPS[name](value), 80)}` },
            h("bdi", {}, short(CHIPS[name](value), 40)),
            h("span", { "aria-hidden": "true" }, " ✕"),
          ),
        ),
    );
    for (const header of head.querySelectorAll("th[data-column]")) {
      const sorted = header.dataset.column === state.sort;
      header.setAttribute("aria-sort", sorted ? (state.dir === "desc" ? "descending" : "ascending") : "none");
    }
  };

  // Downloads of the matching rows

  const exported = (index) => {
    const record = records[index];
    const mute = muteOf.get(key(record));
    return {
      ...record,
      unhealthy_since: stateOf.get(key(record))?.since ?? null,
      muted: Boolean(mute),
      muted_until: mute?.until ?? null,
      alarms: (alarmsOf.get(key(record)) ?? []).map((alarm) => `${severity(alarm)}: ${alarm.title ?? ""}`),
    };
  };

  /** Return a field of a CSV file that a spreadsheet does not interpret as a formula. */
  const field = (value) => {
    const line = Array.isArray(value) ? value.join(" ") : String(value ?? "");
    const safe = /^[\s\u0000-\u001f]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/.test(line) ? `'${line}` : line;
    return `"${safe.replaceAll('"', '""')}"`;
  };

  const csv = () => {
    const lines = found.map(exported);
    const names = Object.keys(lines[0]);
    return `\ufeff${[names, ...lines.map((line) => names.map((name) => line[name]))].map((line) => line.map(field).join(",")).join("\r\n")}\r\n`;
  };

  const save = (extension, type, content) => {
    const url = URL.createObjectURL(new Blob([content], { type }));
    h("a", { href: url, download: `connectors-${day(made)}.${extension}` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  };

  // State and URL fragment

  const readHash = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    state.q = given.get("q") ?? "";
    state.sort = COLUMNS.some(({ name }) => name === given.get("sort")) ? given.get("sort") : "health";
    state.dir = given.get("dir") === "desc" ? "desc" : "asc";
    state.filters = {};
    for (const name of Object.keys(FILTERS)) {
      if (given.has(name)) state.filters[name] = given.get(name);
    }
    byId("q").value = state.q;
    showFilters();
  };

  /** Set the controls to the filters. If a list has no option for a value, only the chip shows the filter. */
  const showFilters = () => {
    for (const name of SELECTS) {
      byId(name).value = state.filters[name] ?? "";
      if (byId(name).selectedIndex < 0) byId(name).value = "";
    }
    for (const name of Object.keys(BOXES)) byId(name).checked = name in state.filters;
    byId("sort").value = `${state.sort} ${state.dir}`;
  };

  const writeHash = () => {
    const given = new URLSearchParams(state.filters);
    if (state.q) given.set("q", state.q);
    if (state.sort !== "health" || state.dir !== "asc") {
      given.set("sort", state.sort);
      given.set("dir", state.dir);
    }
    history.replaceState(null, "", `#${given.toString() || "all"}`);
  };

  const change = (update) => {
    update();
    showFilters();
    writeHash();
    showTable();
  };

  const follow = () => {
    if (location.hash === "#records") return;
    readHash();
    open.clear();
    showTable();
    if (found.length === 1) toggle(body.querySelector("button"));
    byId("records").scrollIntoView();
    byId("records").focus({ preventScroll: true });
  };

  const filter = (name, value) => {
    if (value) state.filters[name] = value;
    else delete state.filters[name];
  };

  const toggle = (button) => {
    const index = Number(button.dataset.index);
    const line = button.closest("tr");
    if (open.delete(index)) line.nextElementSibling.remove();
    else {
      open.add(index);
      line.after(details(index));
    }
    button.setAttribute("aria-expanded", String(open.has(index)));
  };

  const setUpTable = () => {
    byId("table").prepend(h("colgroup", {}, ...COLUMNS.map(({ name }) => h("col", { class: name }))));
    const onPaperToo = COLUMNS.filter(({ name }) => !SCREEN_COLUMNS.includes(name));
    head.append(
      h("tr", { class: "running", "aria-hidden": "true" }, h("th", { colspan: onPaperToo.length }, `${plain(report.title)}, ${shown(made)}`)),
      h(
        "tr",
        { role: "row", "aria-rowindex": 1 },
        ...COLUMNS.map(({ name, title }) =>
          h(
            "th",
            { role: "columnheader", scope: "col", "data-column": name, class: name },
            h("button", { type: "button" }, title, h("span", { class: "arrow", "aria-hidden": "true" })),
            h("span", { class: "printed", "aria-hidden": "true" }, title),
          ),
        ),
      ),
    );
    byId("system").append(
      ...report.systems.filter(({ read, count }) => read || count).map(({ system, title }) => h("option", { value: system }, title)),
    );
    byId("health").append(...HEALTHS.map((health) => h("option", { value: health }, health)));
    for (const name of ["org", "group", "type"]) {
      const values = [...new Set(records.map((record) => record[name]).filter((value) => !isEmpty(value)))].sort(collator.compare);
      byId(name).append(...values.slice(0, MAX_OPTIONS).map((value) => h("option", { value }, short(value, 60))));
      byId(name).parentElement.hidden = values.length < 2;
    }
    byId("outdated").parentElement.hidden = !records.some((record) => record.outdated === true);
    byId("alarm").parentElement.hidden = report.alarms.length === 0;
    byId("muted").parentElement.hidden = muteOf.size === 0;
    byId("sort").append(
      ...COLUMNS.flatMap(({ name, title }) => [
        h("option", { value: `${name} asc` }, title),
        h("option", { value: `${name} desc` }, `${title}, descending`),
      ]),
    );

    head.addEventListener("click", (event) => {
      const column = event.target.closest("th")?.dataset.column;
      if (!column) return;
      change(() => {
        state.dir = state.sort === column && state.dir === "asc" ? "desc" : "asc";
        state.sort = column;
      });
    });
    body.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) toggle(button);
    });
    byId("more").addEventListener("click", (event) => {
      if (event.target.id !== "next") return;
      const position = rendered;
      showMore(CHUNK);
      body.querySelector(`[aria-rowindex="${position + 2}"] button`).focus();
    });
    byId("chips").addEventListener("click", (event) => {
      const chip = event.target.closest("button");
      if (!chip) return;
      change(() => filter(chip.dataset.filter, ""));
      byId("q").focus();
    });
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    byId("q").addEventListener("input", () => change(() => (state.q = byId("q").value.trim())));
    for (const name of SELECTS) {
      byId(name).addEventListener("change", () => change(() => filter(name, byId(name).value)));
    }
    for (const [name, value] of Object.entries(BOXES)) {
      byId(name).addEventListener("change", () => change(() => filter(name, byId(name).checked ? value : "")));
    }
    byId("csv").addEventListener("click", () => save("csv", "text/csv", csv()));
    byId("json").addEventListener("click", () => save("json", "application/json", JSON.stringify(found.map(exported), null, 1)));
    byId("sort").addEventListener("change", () => change(() => ([state.sort, state.dir] = byId("sort").value.split(" "))));
    byId("clear").addEventListener("click", () => {
      change(() => Object.assign(state, { q: "", filters: {} }));
      byId("q").value = "";
      byId("q").focus();
    });
    window.addEventListener("hashchange", follow);
    byId("filters").hidden = false;
  };

  // Charts and lists

  const ending = (expiry) => {
    const end = parseDate(expiry.expires_at);
    const days = Math.abs(expiry.days_left);
    const much = days < 2 ? plural(Math.round(days * 24), "hour") : plural(Math.round(days), "day");
    const words = expiry.days_left < 0 ? `expired ${much} ago` : `expires in ${much}`;
    return end ? exact(end, words) : words;
  };

  const card = (id, title, ...children) => {
    byId(id).replaceChildren(h("h2", { id: `${id}-title` }, title), ...children.filter((child) => child !== null));
    byId(id).hidden = false;
  };

  const toRecord = (item) => link({ system: item.system, id: item.id }, h("bdi", {}, short(item.name ?? item.id, 60)));

  /** Return the first items of a list, and a collapsed element with the remaining items. */
  const folded = (items, line, first = LISTED) => {
    const list = (part) => h("ul", { class: "items" }, ...part.map((item) => h("li", {}, ...line(item))));
    if (items.length <= first + 1) return [list(items)];
    const rest = h("details", {}, h("summary", {}, `${plural(items.length - first, "more", "more")}`));
    rest.addEventListener("toggle", () => rest.append(list(items.slice(first, first + 1000))), { once: true });
    return [list(items.slice(0, first)), rest];
  };

  /** Show the connectors with new or worse problems, the recovered connectors and the muted connectors. */
  const showNews = () => {
    const reasons = new Map(records.map((record) => [key(record), record.problems ?? []]));
    const system = (item) => h("span", { class: "quiet" }, ` ${titles.get(item.system) ?? plain(item.system)}`);
    const reason = (item) => {
      const [first] = reasons.get(key(item)) ?? [];
      return first ? h("div", { class: "quiet" }, sentence(first, 160)) : null;
    };
    const length = (item) => between(parseDate(item.since));
    const LINES = {
      new: (item) => [healthIcon(item.after), " ", toRecord(item), system(item), reason(item)],
      worse: (item) => [
        healthIcon(item.after), " ", toRecord(item), system(item),
        h("div", { class: "quiet" }, `${plain(item.before)} → ${plain(item.after)}, unhealthy for `, length(item)),
        reason(item),
      ],
      recovered: (item) => [icon("healthy"), " ", toRecord(item), system(item), h("div", { class: "quiet" }, `was ${plain(item.before)} for `, length(item))],
    };
    const part = (title, ...children) => h("div", { class: "part" }, h("h3", {}, title), ...children);
    const parts = [["new", "New problems"], ["worse", "Worse"], ["recovered", "Recovered"]]
      .filter(([kind]) => changes?.[kind]?.length)
      .map(([kind, title]) => part(link({ change: kind }, `${title} (${numbers.format(changes[kind].length)})`), ...folded(changes[kind], LINES[kind])));
    const muted = [...muteOf.values()].filter((mute) => reasons.has(key(mute)));
    if (muted.length) {
      const line = (mute) => {
        const end = parseDate(mute.until);
        const record = records.find((item) => key(item) === key(mute));
        return [healthIcon(record.health), " ", toRecord(record), system(mute), h("div", { class: "quiet" }, end ? ["until ", exact(end, `${day(end)} (${ago(end)})`)] : "indefinitely", mute.reason ? h("bdi", {}, `: ${short(mute.reason)}`) : null)];
      };
      parts.push(part(link({ muted: "1" }, `Muted (${numbers.format(muted.length)})`), ...folded(muted, line)));
    }
    const since = changes ? parseDate(changes.since) : null;
    const nothing = changes ? "No connector has a new problem or has recovered." : "There is no earlier report for comparison.";
    const isNew = ["new", "worse", "recovered"].some((kind) => changes?.[kind]?.length);
    card("news", since ? ["New since ", exact(since, shown(since))] : "New", isNew ? null : h("p", { class: "quiet" }, nothing), parts.length ? h("div", { class: "parts" }, ...parts) : null);
  };

  /** Show a notice if the report is older than twice the usual time between two reports. */
  const showAge = () => {
    const times = (report.trend ?? []).map((run) => parseDate(run.generated_at)).filter(Boolean);
    const steps = times.slice(1).map((time, index) => time - times[index]).sort((one, other) => one - other);
    const since = changes ? parseDate(changes.since) : null;
    const interval = steps.length ? steps[Math.floor(steps.length / 2)] : since ? made - since : 0;
    const now = Date.now() - made;
    if (interval < 60000 || now <= 2 * interval) return;
    byId("stale").replaceChildren(icon("notice"), ` This report is ${age(now)} old. Reports are usually created every ${age(interval)}.`);
    byId("stale").hidden = false;
  };

  /** Return a chart of a count over the runs. The count is null for a run in which the system was not read. */
  const spark = (values, health) => {
    const [width, height] = [120, 26];
    const most = Math.max(...values.filter((value) => value !== null), 1);
    const x = (index) => (index * width) / Math.max(values.length - 1, 1);
    const y = (value) => height - 2 - (value * (height - 4)) / most;
    const lines = [];
    let line = [];
    for (const [index, value] of [...values.entries(), [values.length, null]]) {
      if (value !== null) line.push(`${x(index).toFixed(1)},${y(value).toFixed(1)}`);
      else if (line.length) {
        const shape = line.length > 1 ? `M${line.join("L")}` : `M${line[0]}h0.1`;
        lines.push(s("path", { d: shape, class: "line" }));
        line = [];
      }
    }
    const last = values[values.length - 1];
    return s(
      "svg",
      { class: `spark ${health}`, viewBox: `-2 0 ${width + 4} ${height}`, "aria-hidden": "true" },
      s("path", { d: `M0 ${height - 1}H${width}`, class: "axis" }),
      ...lines,
      last === null ? null : s("circle", { cx: x(values.length - 1), cy: y(last), r: 2.2 }),
    );
  };

  const showTrend = () => {
    const runs = report.trend ?? [];
    if (runs.length < 2) return;
    const systems = report.systems.filter(({ system }) => runs.some((run) => run.by_system[system]));
    const count = (run, system, health) => run.by_system[system]?.[health] ?? null;
    const charts = systems.map(({ system, title }) => {
      const healths = HEALTHS.filter((health) => runs.some((run) => count(run, system, health)));
      return h(
        "div",
        { class: "part trend" },
        h("h3", {}, title),
        h("ul", {}, ...healths.map((health) => {
          const values = runs.map((run) => count(run, system, health));
          const last = values[values.length - 1];
          return h("li", {}, h("span", {}, healthIcon(health), ` ${health}`), spark(values, health), h("b", {}, last === null ? "–" : numbers.format(last)));
        })),
      );
    });
    const columns = systems.flatMap(({ system, title }) => HEALTHS.filter((health) => runs.some((run) => count(run, system, health))).map((health) => [system, title, health]));
    const table = () => h(
      "table",
      { class: "runs" },
      h("caption", {}, "Connectors in each run"),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Run"), ...columns.map(([, title, health]) => h("th", { scope: "col" }, `${title}, ${health}`)))),
      h("tbody", {}, ...[...runs].reverse().map((run) => {
        const time = parseDate(run.generated_at);
        return h("tr", {}, h("th", { scope: "row" }, time ? exact(time, shown(time)) : plain(run.generated_at)), ...columns.map(([system, , health]) => h("td", {}, count(run, system, health) ?? "not read")));
      })),
    );
    const unfold = h("details", {}, h("summary", {}, "Show as a table"), h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Trend as a table" }, table()));
    card("trend", `Trend over ${plural(runs.length, "run")}`, ...charts, unfold);
  };

  const showChanges = () => {
    if (!changes) {
      card("changes", "Changes", h("p", { class: "quiet" }, "There is no earlier report for comparison."));
      return;
    }
    const since = parseDate(changes.since);
    const before = (change) => [
      toRecord(change),
      " ",
      h("bdi", { class: "quiet" }, `${short(change.before ?? "unknown", 40)} → `),
      h("bdi", {}, short(change.after ?? "unknown", 40)),
    ];
    const worse = (change) => [healthIcon(change.after), " ", ...before(change)];
    const bySeverity = [...changes.health].sort((one, other) => rank(HEALTHS, one.after) - rank(HEALTHS, other.after));
    const named = (item) => [toRecord(item), h("span", { class: "quiet" }, ` ${titles.get(item.system) ?? plain(item.system)}`)];
    const missing = (item) => [
      h("bdi", {}, short(item.name ?? item.id, 60)),
      h("span", { class: "quiet" }, ` ${titles.get(item.system) ?? plain(item.system)}`),
    ];
    // The page does not know whether the report was compared with a JSON report or with a history.
    const withoutParts = () => {
      if (report.trend?.length) return "No other changes are known. A comparison with a history does not detect added or missing connectors, or changed versions.";
      if ([changes.new, changes.worse, changes.recovered].some((items) => items.length)) return "No other changes are known.";
      return "Nothing has changed.";
    };
    const parts = [
      ["health", "changed health", bySeverity, worse],
      ["appeared", "added", changes.appeared, named],
      ["disappeared", "missing", changes.disappeared, missing],
      ["version", "changed version", changes.version, before],
    ].filter(([, , items]) => items.length);
    card(
      "changes",
      since ? `Changes since ${shown(since)}` : "Changes since the last report",
      parts.length ? null : h("p", { class: "quiet" }, withoutParts()),
      ...parts.map(([kind, word, items, line]) =>
        h(
          "div",
          { class: "part" },
          h("h3", {}, kind === "disappeared" ? `${numbers.format(items.length)} ${word}` : link({ change: kind }, `${numbers.format(items.length)} ${word}`)),
          ...folded(items, line, 4),
        ),
      ),
    );
  };

  const calendar = (expiries) => {
    const days = new Map();
    for (const expiry of expiries) {
      const at = place(expiry);
      if (!days.has(at)) days.set(at, []);
      days.get(at).push(expiry);
    }
    const [width, height] = [100 / WEEKS, 24];
    const soon = new Date(made.getTime() + report.limits.expiring_within_days * DAY);
    const cells = [];
    const most = Math.max(1, ...[...days].map(([at, due]) => (at === "expired" || at === "later" ? 0 : due.length)));
    const level = (count) => Math.ceil((Math.log1p(count) * 4) / Math.log1p(most));
    for (let number = 0; number < WEEKS * 7; number += 1) {
      const date = new Date(calendarStart.getTime() + number * DAY);
      const [x, y] = [Math.floor(number / 7) * width, 16 + (number % 7) * height];
      const due = days.get(day(date)) ?? [];
      const today = day(date) === day(made);
      const past = date < made && !today;
      const classes = ["day", past ? "past" : date < soon ? "soon" : "", today ? "today" : "", due.length ? `due level-${level(due.length)}` : ""];
      const box = s("rect", {
        class: classes.filter(Boolean).join(" "),
        x: `${x + 0.4}%`,
        y,
        width: `${width - 0.8}%`,
        height: height - 3,
        rx: 3,
      });
      const begins = date.getUTCDate() <= 7 || (number === 0 && new Date(date.getTime() + 14 * DAY).getUTCDate() > 7);
      if (begins && number % 7 === 0) {
        const month = date.toLocaleDateString("en", { month: "short", timeZone: "UTC" });
        cells.push(s("text", { class: "month", x: `${x + 0.4}%`, y: 11 }, month));
      }
      if (!due.length) {
        cells.push(box);
        continue;
      }
      const refresh = due.filter((expiry) => expiry.token === "refresh").length;
      const words = `${day(date)}: ${plural(due.length, "token expires", "tokens expire")}${refresh ? `, including ${plural(refresh, "refresh token")}` : ""}`;
      cells.push(
        s(
          "a",
          { href: to({ expires: day(date) }), tabindex: -1, class: `level-${level(due.length)}${date < soon ? " soon" : ""}` },
          s("title", {}, words),
          box,
          refresh ? s("rect", { class: "refresh", x: `${x + 0.9}%`, y: y + 1.5, width: `${width - 1.8}%`, height: height - 6, rx: 2 }) : null,
          s("text", { class: "number", x: `${x + width / 2}%`, y: y + 15 }, due.length > 999 ? "1k+" : due.length),
        ),
      );
    }
    const weekdays = ["Mon", "", "Wed", "", "Fri", "", "Sun"].map((name) => h("span", {}, name));
    return [
      days,
      h(
        "div",
        { class: "calendar", "aria-hidden": "true" },
        h("div", { class: "weekdays" }, ...weekdays),
        s("svg", { height: 16 + 7 * height }, ...cells),
      ),
    ];
  };

  /**
   * Show a card without items if a system of the report can have such items. The card lists the systems that were not
   * read or not read completely, and contains the sentence if it is about connectors that were read.
   */
  const cardWithout = (id, title, property, sentence) => {
    const sources = report.systems.filter((system) => system[property]);
    if (!sources.length) return;
    const unread = sources.filter(({ read }) => !read);
    const words = unread.map((system) => `${system.title} was not read${system.count ? " completely" : ""}.`);
    if (sources.some(({ read, count }) => read || count)) words.push(sentence);
    card(id, title, h("p", { class: "quiet" }, unread.length ? icon("unread") : null, ` ${words.join(" ")}`));
  };

  const showExpiries = () => {
    if (!report.expiries.length) {
      cardWithout("expiries", "Expiring tokens", "has_expiries", "The systems do not report when tokens expire.");
      return;
    }
    const expiries = [...report.expiries].sort((one, other) => one.days_left - other.days_left);
    const [days, picture] = calendar(expiries);
    const expired = (days.get("expired") ?? []).length;
    const later = (days.get("later") ?? []).length;
    const next = expiries.filter(({ days_left }) => days_left >= 0);
    const line = (expiry) => [
      expiry.days_left < 0 ? icon("down") : expiry.days_left <= report.limits.expiring_within_days ? icon("degraded") : icon("healthy"),
      " ",
      toRecord(expiry),
      h("span", { class: "quiet" }, ` ${plain(expiry.token)} token `, ending(expiry)),
    ];
    card(
      "expiries",
      "Expiring tokens",
      h(
        "p",
        { class: "legend" },
        expired ? link({ expires: "expired" }, icon("down"), ` ${numbers.format(expired)} expired`) : "No expired tokens.",
        " ",
        later ? link({ expires: "later" }, `${numbers.format(later)} after ${day(calendarEnd)}`) : null,
      ),
      picture,
      h("p", { class: "key quiet" }, h("span", { class: "scale", "aria-hidden": "true" }), " Darker days have more expiring tokens. ", h("span", { class: "ring", "aria-hidden": "true" }), " A frame marks refresh tokens, which a user must renew with a login."),
      h("h3", {}, next.length ? "Next" : "Last"),
      ...folded(next.length ? next : [...expiries].reverse(), line, 4),
    );
  };

  const showVersions = () => {
    const groups = [];
    for (const { system, title } of report.systems) {
      const counts = new Map();
      for (const record of records) {
        if (record.system !== system || !record.version) continue;
        const count = counts.get(record.version) ?? { version: record.version, all: 0, outdated: 0 };
        count.all += 1;
        count.outdated += record.outdated === true;
        counts.set(record.version, count);
      }
      if (counts.size) groups.push([system, title, [...counts.values()].sort((one, other) => collator.compare(other.version, one.version))]);
    }
    if (!groups.length) return;
    const line = (system, most) => (count) => [
      link({ system, version: count.version }, h("bdi", {}, short(count.version, 40))),
      count.outdated ? h("span", { class: "tag" }, icon("outdated"), " outdated") : null,
      s(
        "svg",
        { class: "measure", height: 10, "aria-hidden": "true" },
        s("rect", { class: count.outdated ? "degraded" : "plain", width: `${(count.all * 100) / most}%`, height: 10, rx: 2 }),
      ),
      h("span", { class: "value" }, numbers.format(count.all)),
    ];
    card(
      "versions",
      "Versions",
      ...groups.map(([system, title, counts]) =>
        h(
          "div",
          { class: "part measures" },
          h("h3", {}, title),
          ...folded(counts, line(system, Math.max(...counts.map(({ all }) => all)))),
        ),
      ),
    );
  };

  const showContacts = () => {
    const seen = records
      .map((record) => [record, parseDate(record.last_seen)])
      .filter(([, date]) => date)
      .sort(([, one], [, other]) => one - other)
      .slice(0, 10);
    if (!seen.length) return;
    const hours = (date) => Math.max(0, made - date) / 3600000;
    const limit = report.limits.stale_after_hours;
    const scale = (value) => (Math.log1p(value) * 100) / Math.log1p(Math.max(hours(seen[0][1]), limit, 1));
    const line = ([record, date]) => [
      toRecord(record),
      h("span", { class: "quiet" }, ` ${titles.get(record.system) ?? plain(record.system)}`),
      s(
        "svg",
        { class: "measure", height: 10, "aria-hidden": "true" },
        s("rect", { class: hours(date) > limit ? "degraded" : "plain", width: `${scale(hours(date))}%`, height: 10, rx: 2 }),
        s("rect", { class: "limit", x: `${Math.min(99.4, scale(limit))}%`, width: 2, height: 10 }),
      ),
      h("span", { class: "value" }, age(made - date)),
    ];
    card(
      "contacts",
      "Oldest contacts",
      h("div", { class: "measures" }, h("ul", { class: "items" }, ...seen.map((item) => h("li", {}, ...line(item))))),
      h("p", { class: "key quiet" }, `Logarithmic scale. The line marks ${plural(limit, "hour")}. `, h("a", { href: to({ sort: "last_seen" }) }, "Sort all by last contact")),
    );
  };

  const showAlarms = () => {
    if (!report.alarms.length) {
      cardWithout("alarms", "Alarms", "has_alarms", "No connector on this page has an alarm.");
      return;
    }
    const order = (alarm) => rank(SEVERITIES, severity(alarm).toLowerCase());
    const sorted = [...report.alarms].sort(
      (one, other) => order(one) - order(other) || collator.compare(other.raised_at ?? "", one.raised_at ?? ""),
    );
    const counts = new Map();
    for (const alarm of sorted) counts.set(severity(alarm), (counts.get(severity(alarm)) ?? 0) + 1);
    const symbol = (name) => SEVERITY_ICONS[name.toLowerCase()] ?? "notice";
    let x = 0;
    const segments = [...counts].map(([name, count]) => {
      const share = (count * 100) / sorted.length;
      x += share;
      return s(
        "a",
        { href: to({ alarm: name }), tabindex: -1 },
        s("title", {}, `${count} ${plain(name)}`),
        s("rect", { class: symbol(name), x: `${x - share}%`, y: 0, width: `${share}%`, height: 14 }),
      );
    });
    const line = (alarm) => [
      icon(symbol(severity(alarm))),
      " ",
      h("strong", {}, h("bdi", {}, short(alarm.title, 80))),
      h("span", { class: "quiet" }, ` ${short(severity(alarm), 20)}, `, alarm.raised_at ? when(alarm.raised_at) : "time unknown"),
      h("div", {}, toRecord(alarm), " ", h("bdi", { class: "quiet" }, short(alarm.description, 160))),
    ];
    card(
      "alarms",
      "Alarms",
      s("svg", { class: "bar", height: 14, "aria-hidden": "true" }, ...segments),
      h("p", { class: "legend" }, ...[...counts].flatMap(([name, count]) => [link({ alarm: name }, icon(symbol(name)), ` ${numbers.format(count)} ${short(name, 20)}`), " "])),
      ...folded(sorted, line, 5),
    );
  };

  // Printing: the filtered rows, or the connectors with a problem

  /** Return the first rows that fit on the printed pages. A printed time is about 20 characters longer. */
  const printable = (indexes) => {
    let height = 0;
    const end = indexes.findIndex((index) => {
      const line = (records[index].problems ?? []).join(" ");
      const length = line.length + 20 * [...line.matchAll(TIMES)].length;
      height += ROW_HEIGHTS[length > PRINTED_LINE ? 1 : 0];
      return height > PRINTED;
    });
    return end < 0 ? indexes : indexes.slice(0, end);
  };

  const print = () => {
    if (onPaper) return;
    onPaper = true;
    const everything = found.length === records.length;
    const screen = found;
    const hasProblem = (index) => records[index].health !== "healthy" || records[index].outdated === true || records[index].problems?.length;
    const all = everything ? found.filter(hasProblem) : found;
    found = printable(all);
    const printed = found.length;
    body.replaceChildren(rows(0, printed));
    byId("table").hidden = found.length === 0;
    found = screen;
    const which = `${numbers.format(all.length)} of ${numbers.format(records.length)}${everything ? ", only connectors with a problem" : ""}`;
    byId("records-title").dataset.printed = all.length > printed ? `${which}; the first ${numbers.format(printed)}` : which;
  };
  const afterPrint = () => {
    if (!onPaper) return;
    onPaper = false;
    const count = rendered;
    rendered = 0;
    body.replaceChildren();
    byId("table").hidden = found.length === 0;
    showMore(count);
  };

  byId("generated").textContent = shown(made);
  showAge();
  showNews();
  showTrend();
  showChanges();
  showExpiries();
  showAlarms();
  showVersions();
  showContacts();
  setUpTable();
  readHash();
  showTable();
  if (location.hash.includes("=")) follow();
  window.addEventListener("beforeprint", print);
  window.addEventListener("afterprint", afterPrint);
  matchMedia("print").addEventListener("change", (event) => (event.matches ? print() : afterPrint()));
})();
