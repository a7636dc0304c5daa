"use strict";
/* The list of devices and each device's page, built from the embedded verdicts. Foreign text becomes text nodes alone. */
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { words, places, seats, findings, skipped, devices, rungs: RUNGS, layers: LAYERS, verdicts: VERDICTS, marks: MARKS } = data;
  const [SERIAL, SITE, VERDICT, RUNG, RUNG_AT, LAYER, CAUSE, CONTRIBUTING, CONFIDENCE, ATTEMPTS, IDENTIFIERS, FIRST,
    LAST, DEADLINE, OFFSET, JOURNEYS, MISSING, FINDINGS, ACTION, EXPOSURE, PLACES, DIALECT, SEEN] = Array(23).keys();
  const FAILED = ["vanished", "rejected", "half_confirmed"];
  const BLOCKING = ["L0", "L5", "L3", "L1", "L4", "L6", "L2", "L7"];
  const GUIDE_ONLY = ["L4", "L7"];
  const PAGE = 100;

  /* Words. */
  const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/gu;
  const plain = (text) => String(text).replace(HIDDEN, (each) => "\\u" + each.codePointAt(0).toString(16).padStart(4, "0"));
  const own = (number, row) => words[number].replace(/\u0000([s0])/g, (_, what) => (what === "s" ? row[SERIAL] : "\u0000"));
  const word = (number) => (number === null ? "" : words[number]);
  const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
  const layerName = (layer, cause) => (cause ? cause.replaceAll("_", " ") : LAYERS[layer] ? LAYERS[layer][0] : "no layer proved");
  const what = (layer, cause) => (cause ? `${layerName(layer, cause)} (${layer})` : layer ? `${layer} ${layerName(layer, "")}` : "no layer proved");
  const unproved = (verdict, missing) => data.unproved[`${verdict}_${missing}`] || data.unproved[verdict] || "";
  const whatOf = (row) => (row[LAYER] === null ? unproved(word(row[VERDICT]), row[MISSING].length ? word(row[MISSING][0]) : "") : what(word(row[LAYER]), word(row[CAUSE])));
  const attempted = (row) => count(row[ATTEMPTS], "attempt");

  /* Times: µs UTC, or RFC 3339 text where a number cannot hold them; embedded they are ms after another. */
  const after = (from, ms) => (typeof ms === "number" ? from + Math.round(ms * 1000) : ms);
  const time = (row, ms) => after(row[FIRST] === null ? data.as_of : row[FIRST], ms);
  const iso = (at) => new Date(Math.floor(at / 1000)).toISOString();
  const shift = (at) => {
    const spans = data.shifts;
    if (!spans.length || at < spans[0][0] || at > spans[0][0] + 800 * 86400e6) return null;
    return spans.findLast((each) => each[0] <= at);
  };
  const utc = (at) => (typeof at === "number" ? iso(at).replace("T", " ").replace("Z", " UTC") : at);
  const wall = (at) => {
    const found = typeof at === "number" ? shift(at) : null;
    if (!found) return "";
    const text = iso(at + found[1] * 1e6);
    return `${text.slice(0, 10) === iso(at).slice(0, 10) ? "" : text.slice(0, 10) + " "}${text.slice(11, 19)} ${found[2]}`;
  };
  const both = (at) => (at === null ? "–" : utc(at) + (wall(at) ? ` (${wall(at)})` : ""));

  /* Elements: strings become text nodes, never markup. */
  const make = (name, attributes, ...content) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) if (value !== null && value !== false) element.setAttribute(key, value === true ? "" : value);
    element.append(...content.filter((each) => each !== null).map((each) => (typeof each === "object" ? each : plain(each))));
    return element;
  };
  const badge = (verdict) => make("span", { class: `badge v-${verdict}` },
    make("span", { class: "mark", "aria-hidden": "true" }, MARKS[verdict]), verdict.replaceAll("_", " "));
  const grid = (caption, head, rows) => make("div", { class: "wide", tabindex: 0, role: "region", "aria-label": plain(caption) },
    make("table", {}, make("caption", {}, caption),
      make("thead", {}, make("tr", {}, ...head.map((each) => make("th", { scope: "col" }, each)))),
      make("tbody", {}, ...rows.map(({ cells, style }) => make("tr", { class: style || null },
        ...cells.map((cell, at) => make(at ? "td" : "th", at ? {} : { scope: "row" }, cell)))))));

  /* Filter and order. */
  const $ = (id) => document.getElementById(id);
  const [body, status, find, page, previous, next] = ["rows", "status", "find", "page", "previous", "next"].map($);
  const by = { verdict: $("by-verdict"), site: $("by-site"), layer: $("by-layer") };
  const rank = (row) => VERDICTS.indexOf(word(row[VERDICT]));
  const KEYS = {
    serial: (row) => row[SERIAL], site: (row) => word(row[SITE]), verdict: rank, layer: (row) => whatOf(row),
    rung: (row) => RUNGS.indexOf(word(row[RUNG])), attempts: (row) => row[ATTEMPTS], confidence: (row) => row[CONFIDENCE],
    seen: (row) => { const at = row[LAST] === null ? -Infinity : time(row, row[LAST]); return typeof at === "number" ? at : at < "1970" ? -1e17 : 1e17; },
  };
  const DOWN = ["attempts", "confidence", "seen", "rung"];
  const state = { sort: "", down: false, at: 0, shown: [], open: null };
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const ranks = devices.map(rank);
  const worst = devices.map((row, number) => number).sort((a, b) => ranks[a] - ranks[b]
    || devices[b][CONFIDENCE] - devices[a][CONFIDENCE] || compare(devices[a][SERIAL], devices[b][SERIAL]));
  let hay = null;
  const haystack = () => {
    const said = findings.map((each) => own4(each));
    return devices.map((row) => [row[SERIAL], word(row[SITE]), word(row[VERDICT]).replaceAll("_", " "), word(row[VERDICT]),
      word(row[RUNG]), whatOf(row), word(row[CAUSE]), ...row[CONTRIBUTING].map(word), ...row[IDENTIFIERS],
      ...row[MISSING].map(word), ...row[EXPOSURE].map(word), own(row[ACTION], row),
      ...row[FINDINGS].map((each) => said[each])].join("\n").toLowerCase());
  };
  const own4 = (finding) => `${word(finding[0])} ${word(finding[7]).replace(/\u0000[s0]/g, "")}`;

  const filter = () => {
    const said = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const [verdict, site, layer] = [by.verdict.value, by.site.value, by.layer.value].map((value) => (value ? value.slice(1) : null));
    if (said.length && !hay) hay = haystack();
    const order = state.sort ? ordered() : worst;
    state.shown = order.filter((number) => {
      const row = devices[number];
      return (verdict === null || word(row[VERDICT]) === verdict) && (site === null || word(row[SITE]) === site)
        && (layer === null || whatOf(row) === layer) && said.every((each) => hay[number].includes(each));
    });
    state.at = 0;
    state.open = null;
    draw();
  };
  const ordered = () => {
    const key = KEYS[state.sort];
    const keys = devices.map(key);
    const sign = state.down ? -1 : 1;
    return [...worst].sort((a, b) => sign * compare(keys[a], keys[b]));
  };

  /* The list. */
  const draw = () => {
    const shown = state.shown.slice(state.at, state.at + PAGE);
    body.replaceChildren(...shown.map(line));
    const total = state.shown.length;
    const failed = state.shown.filter((number) => FAILED.includes(word(devices[number][VERDICT]))).length;
    status.textContent = `${count(total, "device")} of ${devices.length.toLocaleString("en")}` + (total ? `, ${failed.toLocaleString("en")} failed` : ": nothing fits; clear the filter");
    page.textContent = total ? `${(state.at + 1).toLocaleString("en")}–${(state.at + shown.length).toLocaleString("en")} of ${total.toLocaleString("en")}` : "";
    previous.disabled = !state.at;
    next.disabled = state.at + PAGE >= total;
    for (const button of document.querySelectorAll("[data-sort]")) {
      const on = button.dataset.sort === state.sort;
      button.parentElement.setAttribute("aria-sort", on ? (state.down ? "descending" : "ascending") : "none");
      button.querySelector(".arrow").textContent = on ? (state.down ? " ▼" : " ▲") : "";
    }
  };
  const line = (number) => {
    const row = devices[number];
    const open = make("button", { type: "button", class: "open mono", "aria-expanded": "false", "data-device": number }, row[SERIAL]);
    const seen = row[LAST] === null ? "–" : utc(time(row, row[LAST])).slice(0, 19);
    return make("tr", {}, make("th", { scope: "row", class: "c-serial" }, open), make("td", { class: "c-site" }, word(row[SITE]) || "(no site)"),
      make("td", { class: "c-verdict" }, badge(word(row[VERDICT]))),
      make("td", { class: "c-layer" }, whatOf(row) || "–"),
      make("td", { class: "c-rung" }, word(row[RUNG]) || "no rung"), make("td", { class: "c-seen" }, seen),
      make("td", { class: "c-attempts n" }, String(row[ATTEMPTS])), make("td", { class: "c-confidence n" }, `${row[CONFIDENCE]} %`));
  };
  /* A phone hides some columns; a cell over hidden ones would take their place from those that are shown. */
  const columns = () => [...document.querySelectorAll(".devices > thead th")].filter((each) => each.offsetWidth).length || 8;
  addEventListener("resize", () => { for (const each of body.querySelectorAll(".detail > td")) each.colSpan = columns(); });
  const toggle = (button) => {
    const line = button.closest("tr");
    const was = button.getAttribute("aria-expanded") === "true";
    for (const each of body.querySelectorAll(".detail")) each.remove();
    for (const each of body.querySelectorAll("[aria-expanded=true]")) { each.setAttribute("aria-expanded", "false"); each.removeAttribute("aria-controls"); }
    state.open = null;
    if (was) return;
    const number = Number(button.dataset.device);
    line.after(make("tr", { class: "detail", id: "detail" }, make("td", { colspan: columns() }, ...detail(devices[number]).filter(Boolean))));
    button.setAttribute("aria-expanded", "true");
    button.setAttribute("aria-controls", "detail");
    state.open = number;
    history.replaceState(null, "", `#device=${encodeURIComponent(devices[number][SERIAL].toWellFormed())}`);
  };

  /* One device. */
  const where = (place) => `${word(place[0])}${place[1] !== null ? `:${place[1]}` : place[2] !== null ? ` record ${place[2]}` : place[3] !== null ? ` at byte ${place[3]}` : ""}`;
  const claim = (finding, row) => own(finding[7], row) || word(finding[0]);
  const whereRung = ([seat, number], row) => `${own(seats[seat][0], row)}${number === null ? "" : [":", " record ", " at byte "][seats[seat][1]] + number}`;
  const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`);

  const detail = (row) => {
    const verdict = word(row[VERDICT]);
    const parts = [badge(verdict)];
    if (row[LAYER] !== null) parts.push(` · ${whatOf(row)}`);
    if (row[CONTRIBUTING].length) parts.push(`, contributing ${row[CONTRIBUTING].map(word).join(", ")}`);
    if (row[MISSING].length) parts.push(` · missing: ${row[MISSING].map(word).join(" and ")}`);
    parts.push(` · confidence ${row[CONFIDENCE]} %`);
    return [
      make("h3", { tabindex: -1 }, make("span", { class: "mono" }, row[SERIAL]), `  ${word(row[SITE]) || "(no site)"}${data.simulated ? "  SIMULATED" : ""}`),
      make("p", {}, ...parts), make("p", { class: "todo" }, `To do: ${own(row[ACTION], row)}`),
      facts(row), ladder(row), layers(row), proof(row), timeline(row), unused(row),
      make("p", {}, "Every line of its evidence: ", make("code", {}, `abm-trace explain ${quoted(row[SERIAL])} --case ${quoted(data.case)}`)),
    ];
  };

  const facts = (row) => {
    const due = row[DEADLINE] === null ? null : time(row, row[DEADLINE]);
    const late = typeof due === "number" && typeof data.as_of === "number" ? (data.as_of - due) / 1e6 : null;
    const rows = [
      ["last rung", word(row[RUNG]) || "none"],
      ["reached", row[RUNG_AT] === null ? null : both(time(row, row[RUNG_AT]))],
      ["deadline", due === null ? "none: it never began" : both(due) + (late === null ? "" : late > 0 ? `, passed ${span(late)} before the verdict’s moment` : `, ${span(-late)} after the verdict’s moment`)],
      ["attempts", String(row[ATTEMPTS])],
      ...row[IDENTIFIERS].map((each) => ["identifier", each]),
      ["clock", row[OFFSET] === null ? null : `${row[OFFSET] > 0 ? "+" : row[OFFSET] < 0 ? "−" : ""}${(Math.abs(row[OFFSET]) / 1e6).toFixed(3)} s (device − reference); its log times are corrected by it`],
      ["journeys", row[JOURNEYS] > 1 ? `${row[JOURNEYS]}; the verdict is the last one’s` : null],
      ["missing", row[MISSING].length ? row[MISSING].map(word).join(" and ") : "nothing"],
      ...row[EXPOSURE].map((each) => ["exposure (not judged)", word(each)]),
      ["on a network (not judged)", row[SEEN] ? sighted(row) : null],
      ["first seen", row[FIRST] === null ? null : both(row[FIRST])],
      ["last seen", row[LAST] === null ? null : both(time(row, row[LAST]))],
      ["as of", both(data.as_of)],
    ];
    return make("dl", { class: "facts" }, ...rows.filter((each) => each[1] !== null).flatMap(([name, said]) => [make("dt", {}, name), make("dd", {}, said)]));
  };
  const sighted = (row) => {
    const [at, place, ip, host, until, origin] = row[SEEN];
    return [at === null ? "without a time" : both(time(row, at)), place, ip, host, until && `lease until ${until}`, `in ${where(places[origin])}`].filter(Boolean).join(", ");
  };
  const span = (seconds) => (seconds < 120 ? `${seconds.toFixed(1)} s` : seconds < 7200 ? `${Math.round(seconds / 60)} min` : seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} days`);

  const ladder = (row) => {
    const top = RUNGS.indexOf(word(row[RUNG]));
    const failed = FAILED.includes(word(row[VERDICT]));
    const rows = RUNGS.map((rung, at) => {
      const said = row[PLACES][at] || 0;
      if (said) return { cells: [rung, state4("proved", "✓ proved"), make("code", {}, whereRung(said, row)), both(said[2] === null ? null : time(row, said[2]))] };
      if (at < top) return { cells: [rung, state4("inferred", "· inferred"), "the rungs above imply it", ""] };
      if (rung === "configured" && !(row[DIALECT] & 2)) return { cells: [rung, state4("off", "– not applicable"), "no evidence of the guide shows it", ""] };
      if (failed && at === top + 1) return { cells: [rung, state4("failed", "✗ not reached"), "it stopped before this", ""] };
      return { cells: [rung, state4("none", "○ not reached"), "", ""] };
    }).reverse();
    return part("Ladder", grid("How far it came, the highest rung first", ["rung", "state", "proof", "time"], rows));
  };
  const state4 = (style, said) => make("span", { class: `s-${style}` }, said);
  const part = (title, ...content) => make("div", {}, make("h3", {}, title), ...content);

  const layers = (row) => {
    const [primary, cause] = [word(row[LAYER]), word(row[CAUSE])];
    const also = row[CONTRIBUTING].map(word);
    const of = (layer, info) => row[FINDINGS].findIndex((each) => word(findings[each][2]) === layer && (word(findings[each][4]) === "info") === info);
    const rows = BLOCKING.map((layer) => {
      const open = of(layer, false);
      const overcome = open < 0 ? of(layer, true) : -1;
      const number = Math.max(open, overcome);
      const jump = number < 0 ? "" : make("button", { type: "button", class: "jump", "data-proof": number }, `proof ${number + 1}`);
      if (layer === primary) return { cells: [what(layer, cause), state4("failed", "✗ proved, the first that blocks"), jump] };
      if (also.includes(layer)) return { cells: [what(layer, ""), state4("failed", "✗ contributes"), jump] };
      if (GUIDE_ONLY.includes(layer) && row[DIALECT] === 2) return { cells: [what(layer, ""), state4("off", "– not applicable outside the guide dialect"), ""] };
      if ((layer === "L2" || layer === "L7") && primary) return { cells: [what(layer, ""), state4("inferred", "· not asked: it speaks only where nothing above is proved"), ""] };
      if (overcome >= 0) return { cells: [what(layer, ""), state4("inferred", "· overcome: what succeeded later rules it out"), jump] };
      if (open >= 0) return { cells: [what(layer, ""), state4("inferred", "· a sign of it, no proof"), jump] };
      const why = ruled(layer, row);
      if (why) return { cells: [what(layer, ""), state4("inferred", `· ruled out: ${why}`), ""] };
      return { cells: [what(layer, ""), state4("none", "○ nothing in the evidence proves it"), ""] };
    });
    return part("Layers", grid("In the order in which they block", ["layer", "state", "proof"], rows));
  };

  /* What rules a layer out (docs/verdict.md): a rung at or beyond one that the layer would have kept it from, or its clock. */
  const ruled = (layer, row) => {
    if (layer === "L0") return "";
    const pushed = row[DIALECT] === 2 && layer !== "L2";
    const [rung, said] = layer === "L5" ? ["requested", "it sent a request"] : pushed ? ["accepted", "it fetched its profile"] : ["registered", "it was registered"];
    const from = RUNGS.indexOf(rung);
    const shown = row[PLACES].find((each, at) => at >= from && each);
    if (shown && RUNGS.indexOf(word(row[RUNG])) >= from) return `${said} (${whereRung(shown, row)})`;
    if (layer === "L3" && row[OFFSET] !== null && data.clock !== null && Math.abs(row[OFFSET]) <= data.clock) return `its clock was ${(row[OFFSET] / 1e6).toFixed(3)} s off, the limit is ${data.clock / 1e6} s`;
    return "";
  };

  const proof = (row) => {
    if (!row[FINDINGS].length) return part("Proof", make("p", {}, "No finding: nothing went wrong that the evidence shows."));
    return part("Proof", make("ol", { class: "findings" }, ...row[FINDINGS].map((number) => {
      const [id, , layer, cause, severity, confidence, at, , evidence] = findings[number];
      const role = !word(layer) ? "" : `${what(word(layer), word(cause))} (${word(severity) === "info" ? "overcome" : word(layer) === word(row[LAYER]) ? "primary" : "contributing"}): `;
      const bad = word(severity) !== "info";
      const when = at === null ? null : after(data.as_of, at);
      return make("li", { tabindex: -1 },
        make("span", { class: bad ? "s-failed" : "s-inferred" }, `${bad ? "✗ " : "· "}${role}${claim(findings[number], row)}`),
        make("span", { class: "faint" }, ` ${word(id)}, ${word(severity)}, ${confidence} %${when === null ? "" : ", " + both(when)}`),
        make("ul", {}, ...evidence.map((each) => {
          const place = places[each];
          const text = place[6];
          return make("li", {}, make("code", { class: "place" }, where(place)),
            make("span", { class: "faint" }, text === "" ? " read to here, and beyond it nothing" : ` read by ${word(place[5])}`),
            text ? make("blockquote", { class: "mono" }, text) : null,
            place[4] ? make("div", { class: "hash mono" }, "sha256 ", make("span", { class: "sha" }, place[4])) : null);
        })));
    })));
  };

  const timeline = (row) => {
    const entries = [];
    const add = (at, said, place, style) => entries.push({ at, said, place, style });
    row[PLACES].forEach((said, at) => {
      if (said) add(said[2] === null ? null : time(row, said[2]), `✓ ${RUNGS[at]}${words[seats[said[0]][2]] ? `, said by ${words[seats[said[0]][2]]}` : ""}`, whereRung(said, row), null);
    });
    for (const number of row[FINDINGS]) {
      const [, , , , severity, , at, , evidence] = findings[number];
      if (at === null) continue;
      const bad = word(severity) !== "info";
      add(after(data.as_of, at), make("span", { class: bad ? "s-failed" : null }, `${bad ? "✗" : "·"} ${claim(findings[number], row)}`), evidence.length ? where(places[evidence[0]]) : "", null);
    }
    if (row[DEADLINE] !== null) add(time(row, row[DEADLINE]), "DEADLINE: the confirmations were due", "", "due");
    add(data.as_of, "AS OF: the verdict’s moment", "", "due");
    const number = (at) => (at === null ? -Infinity : typeof at === "number" ? at : at < "1970" ? -1e17 : 1e17);
    entries.sort((a, b) => number(a.at) - number(b.at) || 0);
    const rows = entries.map(({ at, said, place, style }) => ({ style, cells: [at === null ? "without a time" : utc(at), at === null ? "" : wall(at), said, place ? make("code", {}, place) : ""] }));
    return part("Timeline", grid("What the verdict stands on, in order of time", ["UTC", `at the site (${data.zone})`, "what", "where"], rows));
  };

  /* A line that could not be read may be the very one that is missing. */
  const unused = (row) => {
    const paths = new Set([...row[PLACES].filter(Boolean).map(([seat]) => own(seats[seat][0], row)), ...row[FINDINGS].flatMap((number) => findings[number][8].map((each) => word(places[each][0])))]);
    const mine = skipped.filter((each) => paths.has(word(each[0])));
    if (!mine.length) return null;
    const said = mine.slice(0, 20).map(([path, reason, at, offset]) => make("li", {}, make("code", {}, where([path, at, null, offset])), ` ${word(reason)}`));
    return part("Not used, of the files that it rests on", make("ul", {}, ...said, mine.length > said.length ? make("li", {}, `and ${count(mine.length - said.length, "more thing")}`) : null));
  };

  /* What people do. */
  const show = () => $("devices").scrollIntoView();
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.device !== undefined) toggle(button);
    else if (button.dataset.sort) {
      const key = button.dataset.sort;
      [state.sort, state.down] = state.sort === key ? [key, !state.down] : [key, DOWN.includes(key)];
      filter();
    } else if (button.dataset.proof !== undefined) {
      const target = button.closest(".detail").querySelectorAll(".findings > li")[Number(button.dataset.proof)];
      target.scrollIntoView({ block: "center" });
      target.focus({ preventScroll: true });
    } else if (button.classList.contains("pick")) {
      clear();
      for (const key of Object.keys(by)) if (button.dataset[key] !== undefined) choose(by[key], `=${button.dataset[key]}`);
      filter();
      show();
    } else if (button === previous || button === next) {
      state.at += button === next ? PAGE : -PAGE;
      draw();
      $("status").scrollIntoView();
    }
  });
  const choose = (select, value) => {
    select.value = value;
    if (select.selectedIndex < 0) select.selectedIndex = 0;
  };
  const clear = () => { find.value = ""; for (const select of Object.values(by)) select.selectedIndex = 0; };
  $("filter").addEventListener("input", filter);
  $("filter").addEventListener("submit", (event) => event.preventDefault());
  $("filter").addEventListener("reset", (event) => { event.preventDefault(); clear(); history.replaceState(null, "", "#devices"); filter(); find.focus(); });

  /* Words that filter become buttons where this script runs. */
  for (const each of document.querySelectorAll("span.pick")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "pick";
    Object.assign(button.dataset, each.dataset);
    button.title = "show these devices";
    button.append(...each.childNodes);
    each.replaceWith(button);
  }
  const linked = () => {
    const found = /^#device=(.*)$/.exec(location.hash);
    if (!found) return;
    let serial;
    try { serial = decodeURIComponent(found[1]); } catch { return; }
    if (state.open !== null && devices[state.open][SERIAL] === serial) return;
    const number = devices.findIndex((row) => row[SERIAL] === serial);
    if (number < 0) return;
    clear();
    filter();
    state.at = Math.floor(state.shown.indexOf(number) / PAGE) * PAGE;
    draw();
    const button = body.querySelector(`[data-device="${number}"]`);
    toggle(button);
    button.scrollIntoView();
    button.focus({ preventScroll: true });
  };
  addEventListener("hashchange", linked);
  filter();
  linked();
  $("script-needed").remove();
  setTimeout(() => { hay ??= haystack(); }, 50);
})();
