// Copyright (c) 2026, hybrid.connectors contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// The page of a report: its pictures and its table, made of the report document in the element #data.
// Whatever stands in the document reaches the page as text of a node or as the value of an attribute, never as markup.
"use strict";

(() => {
  const CHUNK = 100;
  const PRINTED = 2000;
  const LISTED = 6;
  const DAY = 86400000;
  const WEEKS = 13;
  const HEALTHS = ["down", "degraded", "unknown", "maintenance", "healthy"];
  const SEVERITIES = ["critical", "error", "warning", "alert"];
  const SEVERITY_ICONS = { critical: "down", error: "down", warning: "degraded", alert: "notice" };

  const byId = (id) => document.getElementById(id);
  const report = JSON.parse(byId("data").textContent);
  const made = new Date(report.generated_at);
  const titles = new Map(report.systems.map((system) => [system.system, system.title]));
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const numbers = new Intl.NumberFormat("en");

  // Words and nodes

  const plural = (count, one, many = `${one}s`) => `${numbers.format(count)} ${count === 1 ? one : many}`;

  /** A text in which nothing is hidden: control characters, and those that turn the direction of writing, by number. */
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

  /** The address of the rows for which these filters hold. */
  const to = (filters) => `#${new URLSearchParams(filters)}`;

  const link = (filters, ...children) => h("a", { href: to(filters) }, ...children);

  const moment = (text) => {
    const date = text ? new Date(text) : null;
    return date && !Number.isNaN(date.getTime()) ? date : null;
  };

  const day = (date) => date.toISOString().slice(0, 10);

  const shown = (date) => `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;

  const age = (milliseconds) => {
    const minutes = Math.max(0, milliseconds) / 60000;
    if (minutes < 90) return `${Math.round(minutes)} min`;
    if (minutes < 2 * 1440) return `${Math.round(minutes / 60)} h`;
    return plural(Math.round(minutes / 1440), "day");
  };

  const when = (text) => {
    const date = moment(text);
    return date ? h("time", { datetime: date.toISOString(), title: shown(date) }, `${age(made - date)} ago`) : plain(text);
  };

  // What is known of a record beside the record

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
    ["appeared", "health", "version"].map((kind) => [kind, gathered(changes ? changes[kind] : [])]),
  );

  const calendarStart = (() => {
    const start = new Date(Date.UTC(made.getUTCFullYear(), made.getUTCMonth(), made.getUTCDate()));
    return new Date(start - ((start.getUTCDay() + 6) % 7) * DAY);
  })();
  const calendarEnd = new Date(calendarStart.getTime() + WEEKS * 7 * DAY);

  /** Where the end of a token stands in the calendar: a day, or "expired" before the report, or "later". */
  const place = (expiry) => {
    const end = moment(expiry.expires_at);
    if (!end) return "later";
    if (expiry.days_left < 0) return "expired";
    return end < calendarEnd ? day(end) : "later";
  };

  // The table: columns, filters, order

  const rank = (order, value) => (order.includes(value) ? order.indexOf(value) : order.length);

  const COLUMNS = [
    { name: "health", title: "Health", value: (record) => rank(HEALTHS, record.health) },
    { name: "system", title: "System", value: (record) => titles.get(record.system) ?? record.system },
    { name: "name", title: "Name", value: (record) => record.name ?? record.id },
    { name: "host", title: "Host", value: (record) => record.host },
    { name: "status", title: "Status", value: (record) => record.status },
    { name: "version", title: "Version", value: (record) => record.version },
    { name: "last_seen", title: "Last seen", value: (record) => moment(record.last_seen)?.getTime() ?? null },
    { name: "group", title: "Group", value: (record) => record.group },
    { name: "problems", title: "Problems", value: (record) => (record.problems ?? []).length },
  ];

  const FILTERS = {
    system: (record, wanted) => record.system === wanted,
    health: (record, wanted) => (wanted === "problem" ? record.health !== "healthy" : record.health === wanted),
    version: (record, wanted) => String(record.version ?? "") === wanted,
    outdated: (record) => record.outdated === true,
    group: (record, wanted) => String(record.group ?? "") === wanted,
    id: (record, wanted) => String(record.id) === wanted,
    expires: (record, wanted) =>
      (expiriesOf.get(key(record)) ?? []).some((expiry) => wanted === "any" || place(expiry) === wanted),
    alarm: (record, wanted) =>
      (alarmsOf.get(key(record)) ?? []).some((alarm) => wanted === "any" || String(alarm.severity) === wanted),
    change: (record, wanted) => Boolean(changed[wanted]?.has(key(record))),
  };

  const CHIPS = {
    version: (value) => `version ${value || "unknown"}`,
    outdated: () => "outdated",
    group: (value) => `group ${value || "none"}`,
    id: (value) => `id ${value}`,
    expires: (value) =>
      ({ expired: "token expired", later: "token expires later", any: "token expires" })[value] ?? `token expires on ${value}`,
    alarm: (value) => (value === "any" ? "with an alarm" : `alarm: ${value}`),
    change: (value) => ({ appeared: "new", health: "health changed", version: "version changed" })[value] ?? value,
  };

  const haystacks = [];
  const haystack = (index) => {
    if (haystacks[index] === undefined) {
      const { system, id, name, host, status, health, version, group, org, problems } = records[index];
      const fields = [titles.get(system), system, id, name, host, status, health, version, group, org, ...(problems ?? [])];
      haystacks[index] = fields.filter((field) => field !== null && field !== undefined).join("\n").toLowerCase();
    }
    return haystacks[index];
  };

  /** The order of all records by a column, computed once: the place of each record, and null where it has no value. */
  const orders = new Map();
  const placesBy = (column) => {
    if (!orders.has(column.name)) {
      const values = records.map(column.value);
      const empty = (value) => value === null || value === undefined || value === "";
      const compare = values.every((value) => empty(value) || typeof value === "number")
        ? (one, other) => one - other
        : (one, other) => collator.compare(one, other);
      const distinct = [...new Set(values.filter((value) => !empty(value)))].sort(compare);
      const places = new Map();
      distinct.forEach((value, index) => {
        const same = index > 0 && compare(distinct[index - 1], value) === 0;
        places.set(value, same ? places.get(distinct[index - 1]) : index);
      });
      orders.set(column.name, values.map((value) => (empty(value) ? null : places.get(value))));
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
    const filters = Object.entries(state.filters).map(([name, wanted]) => [FILTERS[name], wanted]);
    const result = [];
    records.forEach((record, index) => {
      if (filters.every(([holds, wanted]) => holds(record, wanted))) {
        if (!words.length || words.every((word) => haystack(index).includes(word))) result.push(index);
      }
    });
    return result;
  };

  const ordered = (indexes) => {
    const column = COLUMNS.find(({ name }) => name === state.sort);
    const first = placesBy(column);
    const names = placesBy(COLUMNS[2]);
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
  const titleOf = (column) => COLUMNS.find(({ name }) => name === column).title;
  const text = (value) => h("bdi", {}, short(value));

  /** A path in which a line may end after each dot. */
  const breakable = (value) =>
    h("bdi", {}, ...short(value).split(/(?<=\.)/).slice(0, 40).flatMap((part, index) => (index ? [h("wbr"), part] : [part])));

  const row = (index, position) => {
    const record = records[index];
    const name = record.name ?? record.id ?? "without a name";
    const problems = record.problems ?? [];
    const button = h(
      "button",
      { type: "button", "aria-expanded": String(open.has(index)), "data-index": index, title: "Show all that is known" },
      text(name),
    );
    return h(
      "tr",
      { role: "row", "aria-rowindex": position + 2, class: `record ${HEALTHS.includes(record.health) ? record.health : "unknown"}` },
      cell("health", h("span", { class: "health" }, healthIcon(record.health), " ", plain(record.health))),
      cell("system", titles.get(record.system) ?? plain(record.system)),
      h("th", { role: "rowheader", scope: "row", class: "name", "data-label": "Name" }, button),
      cell("host", record.host ? breakable(record.host) : null),
      cell("status", record.status ? text(record.status) : null),
      cell(
        "version",
        record.version ? text(record.version) : null,
        record.outdated === true ? h("span", { class: "tag" }, icon("outdated"), " outdated") : null,
      ),
      cell("last_seen", record.last_seen ? when(record.last_seen) : null),
      cell("group", record.group ? breakable(record.group) : null),
      cell(
        "problems",
        onPaper ? text(problems.join(" ")) : problems.length ? text(problems[0]) : null,
        !onPaper && problems.length > 1 ? h("span", { class: "tag" }, ` +${problems.length - 1} more`) : null,
      ),
    );
  };

  const fact = (title, ...children) => [h("dt", {}, title), h("dd", {}, ...children)];

  const details = (index) => {
    const record = records[index];
    const facts = [];
    const known = [
      ["Name", record.name], ["Id", record.id], ["Type", record.type], ["Host", record.host], ["Group", record.group],
      ["Organization", record.org === record.group ? null : record.org],
    ];
    for (const [title, value] of known) {
      if (value) facts.push(...fact(title, h("bdi", {}, plain(value))));
    }
    const seen = moment(record.last_seen);
    if (seen) facts.push(...fact("Last seen", shown(seen)));
    const list = (title, items) => {
      if (items.length) facts.push(...fact(title, h("ul", {}, ...items.map((item) => h("li", {}, ...item)))));
    };
    list("Problems", (record.problems ?? []).map((problem) => [h("bdi", {}, plain(problem))]));
    list("Tokens", (expiriesOf.get(key(record)) ?? []).map((expiry) => [`${plain(expiry.token)} token: ${ending(expiry)}`]));
    list(
      "Alarms",
      (alarmsOf.get(key(record)) ?? []).map((alarm) => [
        h("bdi", {}, `${plain(alarm.severity)}: ${plain(alarm.title)}. ${plain(alarm.description)}`),
        alarm.raised_at ? h("span", { class: "quiet" }, " raised ", when(alarm.raised_at)) : null,
      ]),
    );
    list(
      "Since the last report",
      [
        ...(changed.appeared.has(key(record)) ? ["new"] : []),
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
    for (const header of head.rows[0].cells) {
      const sorted = header.dataset.column === state.sort;
      header.setAttribute("aria-sort", sorted ? (state.dir === "desc" ? "descending" : "ascending") : "none");
    }
  };

  // The state, and the part of the address after the #

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
    byId("system").value = state.filters.system ?? "";
    byId("health").value = state.filters.health ?? "";
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
    byId("sort").value = `${state.sort} ${state.dir}`;
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
    head.append(
      h(
        "tr",
        { role: "row", "aria-rowindex": 1 },
        ...COLUMNS.map(({ name, title }) =>
          h(
            "th",
            { role: "columnheader", scope: "col", "data-column": name, class: name },
            h("button", { type: "button" }, title, h("span", { class: "arrow", "aria-hidden": "true" })),
          ),
        ),
      ),
    );
    byId("system").append(
      ...report.systems.filter(({ read, count }) => read || count).map(({ system, title }) => h("option", { value: system }, title)),
    );
    byId("health").append(...HEALTHS.map((health) => h("option", { value: health }, health)));
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
    for (const name of ["system", "health"]) {
      byId(name).addEventListener("change", () => change(() => filter(name, byId(name).value)));
    }
    byId("sort").addEventListener("change", () => change(() => ([state.sort, state.dir] = byId("sort").value.split(" "))));
    byId("clear").addEventListener("click", () => {
      change(() => Object.assign(state, { q: "", filters: {} }));
      for (const name of ["q", "system", "health"]) byId(name).value = "";
      byId("q").focus();
    });
    window.addEventListener("hashchange", follow);
    byId("filters").hidden = false;
  };

  // Pictures

  const ending = (expiry) => {
    const end = moment(expiry.expires_at);
    const days = Math.abs(expiry.days_left);
    const much = days < 2 ? plural(Math.round(days * 24), "hour") : plural(Math.round(days), "day");
    const date = end ? `, ${shown(end)}` : "";
    return expiry.days_left < 0 ? `expired ${much} ago${date}` : `expires in ${much}${date}`;
  };

  const card = (id, title, ...children) => {
    byId(id).replaceChildren(h("h2", { id: `${id}-title` }, title), ...children.filter((child) => child !== null));
    byId(id).hidden = false;
  };

  const toRecord = (item) => link({ system: item.system, id: item.id }, h("bdi", {}, short(item.name ?? item.id, 60)));

  /** The first items of a list, and the others to be unfolded. */
  const folded = (items, line, first = LISTED) => {
    const list = (part) => h("ul", { class: "items" }, ...part.map((item) => h("li", {}, ...line(item))));
    if (items.length <= first + 1) return [list(items)];
    const rest = h("details", {}, h("summary", {}, `${plural(items.length - first, "more", "more")}`));
    rest.addEventListener("toggle", () => rest.append(list(items.slice(first, first + 1000))), { once: true });
    return [list(items.slice(0, first)), rest];
  };

  const showChanges = () => {
    if (!changes) {
      card("changes", "Changes", h("p", { class: "quiet" }, "There is no earlier report to compare this one with."));
      return;
    }
    const since = moment(changes.since);
    const before = (change) => [
      toRecord(change),
      " ",
      h("bdi", { class: "quiet" }, `${short(change.before ?? "unknown", 40)} → `),
      h("bdi", {}, short(change.after ?? "unknown", 40)),
    ];
    const worse = (change) => [healthIcon(change.after), " ", ...before(change)];
    const bySeverity = [...changes.health].sort((one, other) => rank(HEALTHS, one.after) - rank(HEALTHS, other.after));
    const named = (item) => [toRecord(item), h("span", { class: "quiet" }, ` ${titles.get(item.system) ?? plain(item.system)}`)];
    const gone = (item) => [
      h("bdi", {}, short(item.name ?? item.id, 60)),
      h("span", { class: "quiet" }, ` ${titles.get(item.system) ?? plain(item.system)}`),
    ];
    const parts = [
      ["health", "of another health", bySeverity, worse],
      ["appeared", "new", changes.appeared, named],
      ["disappeared", "gone", changes.disappeared, gone],
      ["version", "of another version", changes.version, before],
    ].filter(([, , items]) => items.length);
    card(
      "changes",
      since ? `Changes since ${shown(since)}` : "Changes since the last report",
      parts.length ? null : h("p", { class: "quiet" }, "Nothing has changed."),
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
    for (let number = 0; number < WEEKS * 7; number += 1) {
      const date = new Date(calendarStart.getTime() + number * DAY);
      const [x, y] = [Math.floor(number / 7) * width, 16 + (number % 7) * height];
      const due = days.get(day(date)) ?? [];
      const today = day(date) === day(made);
      const past = date < made && !today;
      const classes = ["day", past ? "past" : date < soon ? "soon" : "", today ? "today" : "", due.length ? "due" : ""];
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
      const people = due.filter((expiry) => expiry.token === "refresh").length;
      const words = `${day(date)}: ${plural(due.length, "token expires", "tokens expire")}${people ? `, ${people} of them refresh` : ""}`;
      cells.push(
        s(
          "a",
          { href: to({ expires: day(date) }), tabindex: -1, class: date < soon ? "soon" : "" },
          s("title", {}, words),
          box,
          people ? s("rect", { class: "person", x: `${x + 0.9}%`, y: y + 1.5, width: `${width - 1.8}%`, height: height - 6, rx: 2 }) : null,
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

  /** A card without items, if a system of the report can have such items: the systems that were not read, or a sentence. */
  const cardWithout = (id, title, property, sentence) => {
    const sources = report.systems.filter((system) => system[property]);
    if (!sources.length) return;
    const unread = sources.filter(({ read }) => !read).map((system) => system.title);
    const verb = unread.length === 1 ? "was" : "were";
    const words = unread.length ? `${unread.join(", ")} ${verb} not read.` : sentence;
    card(id, title, h("p", { class: "quiet" }, unread.length ? icon("unread") : null, ` ${words}`));
  };

  const showExpiries = () => {
    if (!report.expiries.length) {
      cardWithout("expiries", "Tokens that expire", "has_expiries", "No expiry of a token is known.");
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
      h("span", { class: "quiet" }, ` ${plain(expiry.token)} token ${ending(expiry).split(",")[0]}`),
    ];
    card(
      "expiries",
      "Tokens that expire",
      h(
        "p",
        { class: "legend" },
        expired ? link({ expires: "expired" }, icon("down"), ` ${numbers.format(expired)} expired`) : "None expired.",
        " ",
        later ? link({ expires: "later" }, `${numbers.format(later)} after ${day(calendarEnd)}`) : null,
      ),
      picture,
      h("p", { class: "key quiet" }, h("span", { class: "ring", "aria-hidden": "true" }), " with a refresh token, which a person has to renew by a login"),
      h("h3", {}, next.length ? "Next" : "Last"),
      ...folded(next.length ? next : [...expiries].reverse(), line, 4),
    );
  };

  const showVersions = () => {
    const groups = [];
    for (const { system, title } of report.systems.filter(({ read }) => read)) {
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
      .map((record) => [record, moment(record.last_seen)])
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
      h("p", { class: "key quiet" }, `Logarithmic; the stroke is at ${plural(limit, "hour")}. `, h("a", { href: to({ sort: "last_seen" }) }, "All by last contact")),
    );
  };

  const showAlarms = () => {
    if (!report.alarms.length) {
      cardWithout("alarms", "Alarms", "has_alarms", "No connector has an alarm.");
      return;
    }
    const severity = (alarm) => String(alarm.severity ?? "unknown");
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

  // On paper: what was filtered, or else what is not as it should be

  const print = () => {
    if (onPaper) return;
    onPaper = true;
    const everything = found.length === records.length;
    const screen = found;
    const ill = (index) => records[index].health !== "healthy" || records[index].outdated === true || records[index].problems?.length;
    const all = everything ? found.filter(ill) : found;
    found = all.slice(0, PRINTED);
    body.replaceChildren(rows(0, found.length));
    byId("table").hidden = found.length === 0;
    found = screen;
    const which = `${numbers.format(all.length)} of ${numbers.format(records.length)}${everything ? ", those with a problem" : ""}`;
    byId("records-title").dataset.printed = all.length > PRINTED ? `${which}; the first ${numbers.format(PRINTED)}` : which;
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
  byId("generated").title = made.toLocaleString();
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
