"use strict";
/* The list of devices and each device's page, built from the embedded verdicts. Foreign text becomes text nodes alone. */
(() => {
  const embedded = (id) => JSON.parse(document.getElementById(id).textContent);
  const data = embedded("data");
  const { words, devices: list, rungs: RUNGS, layers: LAYERS, verdicts: VERDICTS, marks: MARKS } = data;
  const FAILED = ["vanished", "rejected", "half_confirmed"];
  const BLOCKING = ["L0", "L5", "L3", "L1", "L4", "L6", "L2", "L7"];
  const GUIDE_ONLY = ["L4", "L7"];
  const PAGE = 100;

  /* What the list does not show stands behind this script: it is parsed when it is first asked for, which waits for it
     while the page is still being read. `behind` are the columns of its devices, which are known by their number. */
  let places, seats, findings, skipped, behind = null;
  const whole = (deed) => {
    if (document.readyState === "loading") {
      addEventListener("DOMContentLoaded", () => whole(deed), { once: true });
      return;
    }
    if (behind === null) {
      let more;
      try {
        ({ places, seats, findings, skipped, words: more, devices: behind } = embedded("proofs"));
      } catch {
        status.textContent = "This file is cut or damaged: the proofs behind the list cannot be read. Make it again.";
        return;
      }
      for (const each of more) words.push(each);
    }
    deed();
  };

  /* Words. */
  const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/gu;
  const plain = (text) => String(text).replace(HIDDEN, (each) => "\\u" + each.codePointAt(0).toString(16).padStart(4, "0"));
  const own = (number, device) => words[number].replace(/\u0000([s0])/g, (_, what) => (what === "s" ? list.serial[device] : "\u0000"));
  const word = (number) => (number === null ? "" : words[number]);
  const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
  const count = (number, noun) => `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`;
  const layerName = (layer, cause) => (cause ? cause.replaceAll("_", " ") : LAYERS[layer] ? LAYERS[layer][0] : "no layer proved");
  const what = (layer, cause) => (cause ? `${layerName(layer, cause)} (${layer})` : layer ? `${layer} ${layerName(layer, "")}` : "no layer proved");
  const stopped = (device) => words[list.stopped_by[device]];

  /* Times: µs UTC, or RFC 3339 text where a number cannot hold them; embedded they are ms after another. */
  const after = (from, ms) => (typeof ms === "number" ? from + Math.round(ms * 1000) : ms);
  const seen = (device) => (list.last_seen[device] === null ? null : after(data.as_of, list.last_seen[device]));
  const time = (device, ms) => after(seen(device) ?? data.as_of, ms);
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
  const sooner = (at) => (at === null ? -Infinity : typeof at === "number" ? at : at < "1970" ? -1e17 : 1e17);
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
  const KEYS = {
    serial: (device) => list.serial[device], site: (device) => word(list.site[device]), verdict: (device) => ranks[device],
    layer: stopped, rung: (device) => RUNGS.indexOf(word(list.last_rung[device])), attempts: (device) => list.attempts[device],
    confidence: (device) => list.confidence[device], seen: (device) => sooner(seen(device)),
  };
  const DOWN = ["attempts", "confidence", "seen", "rung"];
  const state = { sort: "", down: false, at: 0, shown: [], open: null };
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  /* The worst first, then the surest; they come in order of their serials. */
  const everyone = [...list.serial.keys()];
  const rankOf = words.map((each) => VERDICTS.indexOf(each));
  const ranks = list.verdict.map((each) => rankOf[each]);
  const levels = [];
  for (const device of everyone) (levels[(ranks[device] + 1) * 101 + 100 - list.confidence[device]] ??= []).push(device);
  const worst = levels.flat();
  let hay = null;
  const haystack = () => {
    const said = findings.map((each) => `${word(each[0])} ${word(each[7]).replace(/\u0000[s0]/g, "")}`);
    return everyone.map((device) => [list.serial[device], word(list.site[device]), word(list.verdict[device]).replaceAll("_", " "),
      word(list.verdict[device]), word(list.last_rung[device]), stopped(device), word(behind.cause[device]),
      ...behind.contributing[device].map(word), ...behind.identifiers[device], ...behind.missing[device].map(word),
      ...behind.exposure[device].map(word), own(behind.next_action[device], device),
      ...behind.findings[device].map((each) => said[each])].join("\n").toLowerCase());
  };

  const filter = () => {
    const said = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (said.length && hay === null) {
      whole(() => { hay ??= haystack(); filter(); });
      return;
    }
    const [verdict, site, layer] = [by.verdict.value, by.site.value, by.layer.value].map((value) => (value ? value.slice(1) : null));
    state.shown = (state.sort ? ordered() : worst).filter((device) => (verdict === null || word(list.verdict[device]) === verdict)
      && (site === null || word(list.site[device]) === site) && (layer === null || stopped(device) === layer)
      && said.every((each) => hay[device].includes(each)));
    state.at = 0;
    state.open = null;
    draw();
  };
  const ordered = () => {
    const keys = everyone.map(KEYS[state.sort]);
    const sign = state.down ? -1 : 1;
    return [...worst].sort((a, b) => sign * compare(keys[a], keys[b]));
  };

  /* The list. */
  const draw = () => {
    const shown = state.shown.slice(state.at, state.at + PAGE);
    body.replaceChildren(...shown.map(line));
    const total = state.shown.length;
    const failed = state.shown.filter((device) => FAILED.includes(word(list.verdict[device]))).length;
    status.textContent = `${count(total, "device")} of ${grouped(everyone.length)}` + (total ? `, ${grouped(failed)} failed` : ": nothing fits; clear the filter");
    page.textContent = total ? `${grouped(state.at + 1)}–${grouped(state.at + shown.length)} of ${grouped(total)}` : "";
    previous.disabled = !state.at;
    next.disabled = state.at + PAGE >= total;
    for (const button of document.querySelectorAll("[data-sort]")) {
      const on = button.dataset.sort === state.sort;
      button.parentElement.setAttribute("aria-sort", on ? (state.down ? "descending" : "ascending") : "none");
      button.querySelector(".arrow").textContent = on ? (state.down ? " ▼" : " ▲") : "";
    }
  };
  const line = (device) => {
    const open = make("button", { type: "button", class: "open mono", "aria-expanded": "false", "data-device": device }, list.serial[device]);
    const at = seen(device);
    return make("tr", {}, make("th", { scope: "row", class: "c-serial" }, open), make("td", { class: "c-site" }, word(list.site[device]) || "(no site)"),
      make("td", { class: "c-verdict" }, badge(word(list.verdict[device]))),
      make("td", { class: "c-layer" }, stopped(device) || "–"),
      make("td", { class: "c-rung" }, word(list.last_rung[device]) || "no rung"), make("td", { class: "c-seen" }, at === null ? "–" : utc(at).slice(0, 19)),
      make("td", { class: "c-attempts n" }, String(list.attempts[device])), make("td", { class: "c-confidence n" }, `${list.confidence[device]} %`));
  };
  /* A phone hides some columns; a cell over hidden ones would take their place from those that are shown. */
  const columns = () => [...document.querySelectorAll(".devices > thead th")].filter((each) => each.offsetWidth).length || 8;
  addEventListener("resize", () => { for (const each of body.querySelectorAll(".detail > td")) each.colSpan = columns(); });
  const toggle = (button) => whole(() => {
    const line = button.closest("tr");
    const was = button.getAttribute("aria-expanded") === "true";
    for (const each of body.querySelectorAll(".detail")) each.remove();
    for (const each of body.querySelectorAll("[aria-expanded=true]")) { each.setAttribute("aria-expanded", "false"); each.removeAttribute("aria-controls"); }
    state.open = null;
    if (was || !button.isConnected) return;
    const device = Number(button.dataset.device);
    line.after(make("tr", { class: "detail", id: "detail" }, make("td", { colspan: columns() }, ...detail(told(device)).filter(Boolean))));
    button.setAttribute("aria-expanded", "true");
    button.setAttribute("aria-controls", "detail");
    state.open = device;
    history.replaceState(null, "", `#device=${encodeURIComponent(list.serial[device].toWellFormed())}`);
  });

  /* One device: all that is said of it, in words and µs. */
  const told = (device) => {
    const get = (column) => behind[column][device];
    const each = (column) => get(column).map(word);
    const at = (ms) => (ms === null ? null : time(device, ms));
    let proved = 0;
    const rungs = RUNGS.map((_, rung) => {
      const seat = seats[get("rung_seats")[rung]];
      if (!seat) return null;
      const [path, how, source] = seat;
      const [number, ms] = [get("rung_numbers")[proved], get("rung_times")[proved]];
      proved += 1;
      const place = own(path, device);
      return { path: place, place: `${place}${number === null ? "" : [":", " record ", " at byte "][how] + number}`, at: at(ms), source: words[source] };
    });
    return {
      serial: list.serial[device], site: word(list.site[device]) || "(no site)", verdict: word(list.verdict[device]), stopped: stopped(device),
      rung: word(list.last_rung[device]), confidence: list.confidence[device], attempts: list.attempts[device], last: seen(device),
      layer: word(get("layer")), cause: word(get("cause")), contributing: each("contributing"), missing: each("missing"),
      action: own(get("next_action"), device), exposure: each("exposure"), identifiers: get("identifiers"), first: at(get("first_seen")),
      reached: at(get("last_rung_at")), due: at(get("deadline_at")), offset: get("clock_offset_us"), journeys: get("journeys"),
      dialects: get("dialects"), sighting: get("sighting"), rungs, at,
      findings: get("findings").map((number) => {
        const [id, , layer, cause, severity, confidence, ms, said, evidence] = findings[number];
        return {
          id: word(id), layer: word(layer), cause: word(cause), severity: word(severity), bad: word(severity) !== "info", confidence,
          at: ms === null ? null : after(data.as_of, ms), claim: own(said, device) || word(id), evidence: evidence.map((each) => places[each]),
        };
      }),
    };
  };
  const where = (place) => `${word(place[0])}${place[1] !== null ? `:${place[1]}` : place[2] !== null ? ` record ${place[2]}` : place[3] !== null ? ` at byte ${place[3]}` : ""}`;
  const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`);

  const detail = (one) => {
    const parts = [badge(one.verdict)];
    if (one.layer) parts.push(` · ${one.stopped}`);
    if (one.contributing.length) parts.push(`, contributing ${one.contributing.join(", ")}`);
    if (one.missing.length) parts.push(` · missing: ${one.missing.join(" and ")}`);
    parts.push(` · confidence ${one.confidence} %`);
    return [
      make("h3", { tabindex: -1 }, make("span", { class: "mono" }, one.serial), `  ${one.site}${data.simulated ? "  SIMULATED" : ""}`),
      make("p", {}, ...parts), make("p", { class: "todo" }, `To do: ${one.action} `, runbook(one.stopped || one.verdict)),
      facts(one), ladder(one), layers(one), proof(one), timeline(one), unused(one),
      make("p", {}, "Every line of its evidence: ", make("code", {}, `abm-trace explain ${quoted(one.serial)} --case ${quoted(data.case)}`)),
    ];
  };

  /* Step by step: the section stands in the page itself, and is folded until somebody follows a link to it. */
  const runbook = (name) => {
    const found = [...document.querySelectorAll(".book")].find((each) => each.dataset.name === name);
    return found ? make("a", { class: "runbook", href: `#${found.lastElementChild.id}` }, "step by step") : null;
  };

  const facts = (one) => {
    const { due, offset } = one;
    const late = typeof due === "number" && typeof data.as_of === "number" ? (data.as_of - due) / 1e6 : null;
    const rows = [
      ["last rung", one.rung || "none"],
      ["reached", one.reached === null ? null : both(one.reached)],
      ["deadline", due === null ? "none: it never began" : both(due) + (late === null ? "" : late > 0 ? `, passed ${span(late)} before the verdict’s moment` : `, ${span(-late)} after the verdict’s moment`)],
      ["attempts", String(one.attempts)],
      ...one.identifiers.map((each) => ["identifier", each]),
      ["clock", offset === null ? null : `${offset > 0 ? "+" : offset < 0 ? "−" : ""}${(Math.abs(offset) / 1e6).toFixed(3)} s (device − reference); its log times are corrected by it`],
      ["journeys", one.journeys > 1 ? `${one.journeys}; the verdict is the last one’s` : null],
      ["missing", one.missing.length ? one.missing.join(" and ") : "nothing"],
      ...one.exposure.map((each) => ["exposure (not judged)", each]),
      ["on a network (not judged)", one.sighting === null ? null : sighted(one)],
      ["first seen", one.first === null ? null : both(one.first)],
      ["last seen", one.last === null ? null : both(one.last)],
      ["as of", both(data.as_of)],
    ];
    return make("dl", { class: "facts" }, ...rows.filter((each) => each[1] !== null).flatMap(([name, said]) => [make("dt", {}, name), make("dd", {}, said)]));
  };
  const sighted = (one) => {
    const [ms, place, ip, host, until, origin] = one.sighting;
    return [ms === null ? "without a time" : both(one.at(ms)), place, ip, host, until && `lease until ${until}`, `in ${where(places[origin])}`].filter(Boolean).join(", ");
  };
  const span = (seconds) => (seconds < 120 ? `${seconds.toFixed(1)} s` : seconds < 7200 ? `${Math.round(seconds / 60)} min` : seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} days`);

  const ladder = (one) => {
    const top = RUNGS.indexOf(one.rung);
    const failed = FAILED.includes(one.verdict);
    const rows = RUNGS.map((rung, at) => {
      const said = one.rungs[at];
      if (said) return { cells: [rung, state4("proved", "✓ proved"), make("code", {}, said.place), both(said.at)] };
      if (at < top) return { cells: [rung, state4("inferred", "· inferred"), "the rungs above imply it", ""] };
      if (rung === "configured" && !(one.dialects & 2)) return { cells: [rung, state4("off", "– not applicable"), "no evidence of the guide shows it", ""] };
      if (failed && at === top + 1) return { cells: [rung, state4("failed", "✗ not reached"), "it stopped before this", ""] };
      return { cells: [rung, state4("none", "○ not reached"), "", ""] };
    }).reverse();
    return part("Ladder", grid("How far it came, the highest rung first", ["rung", "state", "proof", "time"], rows));
  };
  const state4 = (style, said) => make("span", { class: `s-${style}` }, said);
  const part = (title, ...content) => make("div", {}, make("h3", {}, title), ...content);

  const layers = (one) => {
    const { layer: primary, cause } = one;
    const of = (layer, bad) => one.findings.findIndex((each) => each.layer === layer && each.bad === bad);
    const rows = BLOCKING.map((layer) => {
      const open = of(layer, true);
      const overcome = open < 0 ? of(layer, false) : -1;
      const number = Math.max(open, overcome);
      const jump = number < 0 ? "" : make("button", { type: "button", class: "jump", "data-proof": number }, `proof ${number + 1}`);
      if (layer === primary) return { cells: [what(layer, cause), state4("failed", "✗ proved, the first that blocks"), jump] };
      if (one.contributing.includes(layer)) return { cells: [what(layer, ""), state4("failed", "✗ contributes"), jump] };
      if (GUIDE_ONLY.includes(layer) && one.dialects === 2) return { cells: [what(layer, ""), state4("off", "– not applicable outside the guide dialect"), ""] };
      if ((layer === "L2" || layer === "L7") && primary) return { cells: [what(layer, ""), state4("inferred", "· not asked: it speaks only where nothing above is proved"), ""] };
      if (overcome >= 0) return { cells: [what(layer, ""), state4("inferred", "· overcome: what succeeded later rules it out"), jump] };
      if (open >= 0) return { cells: [what(layer, ""), state4("inferred", "· a sign of it, no proof"), jump] };
      const why = ruled(layer, one);
      if (why) return { cells: [what(layer, ""), state4("inferred", `· ruled out: ${why}`), ""] };
      return { cells: [what(layer, ""), state4("none", "○ nothing in the evidence proves it"), ""] };
    });
    return part("Layers", grid("In the order in which they block", ["layer", "state", "proof"], rows));
  };

  /* What rules a layer out (docs/verdict.md): a rung at or beyond one that the layer would have kept it from, or its clock. */
  const ruled = (layer, one) => {
    if (layer === "L0") return "";
    const pushed = one.dialects === 2 && layer !== "L2";
    const [rung, said] = layer === "L5" ? ["requested", "it sent a request"] : pushed ? ["accepted", "it fetched its profile"] : ["registered", "it was registered"];
    const from = RUNGS.indexOf(rung);
    const shown = one.rungs.find((each, at) => at >= from && each);
    if (shown && RUNGS.indexOf(one.rung) >= from) return `${said} (${shown.place})`;
    if (layer === "L3" && one.offset !== null && data.clock !== null && Math.abs(one.offset) <= data.clock) return `its clock was ${(one.offset / 1e6).toFixed(3)} s off, the limit is ${data.clock / 1e6} s`;
    return "";
  };

  const proof = (one) => {
    if (!one.findings.length) return part("Proof", make("p", {}, "No finding: nothing went wrong that the evidence shows."));
    return part("Proof", make("ol", { class: "findings" }, ...one.findings.map(({ id, layer, cause, severity, bad, confidence, at, claim, evidence }) => {
      const role = !layer ? "" : `${what(layer, cause)} (${bad ? (layer === one.layer ? "primary" : "contributing") : "overcome"}): `;
      return make("li", { tabindex: -1 },
        make("span", { class: bad ? "s-failed" : "s-inferred" }, `${bad ? "✗ " : "· "}${role}${claim}`),
        make("span", { class: "faint" }, ` ${id}, ${severity}, ${confidence} %${at === null ? "" : ", " + both(at)}`),
        make("ul", {}, ...evidence.map((place) => {
          const text = place[6];
          return make("li", {}, make("code", { class: "place" }, where(place)),
            make("span", { class: "faint" }, text === "" ? " read to here, and beyond it nothing" : ` read by ${word(place[5])}`),
            text ? make("blockquote", { class: "mono" }, text) : null,
            place[4] ? make("div", { class: "hash mono" }, "sha256 ", make("span", { class: "sha" }, place[4])) : null);
        })));
    })));
  };

  const timeline = (one) => {
    const entries = [];
    const add = (at, said, place, style) => entries.push({ at, said, place, style });
    one.rungs.forEach((said, at) => {
      if (said) add(said.at, `✓ ${RUNGS[at]}${said.source ? `, said by ${said.source}` : ""}`, said.place, null);
    });
    for (const { at, bad, claim, evidence } of one.findings) {
      if (at !== null) add(at, make("span", { class: bad ? "s-failed" : null }, `${bad ? "✗" : "·"} ${claim}`), evidence.length ? where(evidence[0]) : "", null);
    }
    if (one.due !== null) add(one.due, "DEADLINE: the confirmations were due", "", "due");
    add(data.as_of, "AS OF: the verdict’s moment", "", "due");
    entries.sort((a, b) => sooner(a.at) - sooner(b.at) || 0);
    const rows = entries.map(({ at, said, place, style }) => ({ style, cells: [at === null ? "without a time" : utc(at), at === null ? "" : wall(at), said, place ? make("code", {}, place) : ""] }));
    return part("Timeline", grid("What the verdict stands on, in order of time", ["UTC", `at the site (${data.zone})`, "what", "where"], rows));
  };

  /* A line that could not be read may be the very one that is missing. */
  const unused = (one) => {
    const paths = new Set([...one.rungs.map((each) => each?.path), ...one.findings.flatMap((each) => each.evidence.map((place) => word(place[0])))]);
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
    const book = location.hash.startsWith("#runbook-") ? $(location.hash.slice(1)) : null;
    if (book) {
      book.parentElement.open = true;
      book.parentElement.scrollIntoView();
      book.focus({ preventScroll: true });
      return;
    }
    const found = /^#device=(.*)$/.exec(location.hash);
    if (!found) return;
    let serial;
    try { serial = decodeURIComponent(found[1]); } catch { return; }
    if (state.open !== null && list.serial[state.open] === serial) return;
    const device = list.serial.indexOf(serial);
    if (device >= 0) whole(() => jump(device));
  };
  const jump = (device) => {
    clear();
    filter();
    state.at = Math.floor(state.shown.indexOf(device) / PAGE) * PAGE;
    draw();
    const button = body.querySelector(`[data-device="${device}"]`);
    toggle(button);
    button.scrollIntoView();
    button.focus({ preventScroll: true });
  };
  addEventListener("hashchange", linked);
  /* A link that was followed before changes no address: it opens what was folded meanwhile all the same. */
  document.addEventListener("click", (event) => { if (event.target.closest("a.runbook")?.hash === location.hash) linked(); });
  $("script-needed").remove();
  filter();
  linked();
  addEventListener("load", () => {
    document.documentElement.classList.add("read");
    /* Who types a word does not wait for what can be made ready before. */
    setTimeout(() => whole(() => setTimeout(() => { hay ??= haystack(); }, 0)), 50);
  });
})();
