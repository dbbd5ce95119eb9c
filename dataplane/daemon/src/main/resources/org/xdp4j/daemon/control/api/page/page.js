"use strict";
// Asks the API for figures once a second and shows them. It changes nothing.
(() => {
  const PERIOD = 1000;
  const SLOTS = 121;
  const ENTRIES = 500;
  const $ = (id) => document.getElementById(id);

  // ---- numbers for people

  const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
  const count = (n) => grouped.format(n);

  function short(value, unit = "") {
    if (value === null || !Number.isFinite(value)) return "–";
    const steps = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];
    for (const [size, letter] of steps) {
      if (Math.abs(value) >= size * 0.9995) return digits(value / size) + " " + letter + unit;
    }
    return (Math.abs(value) >= 100 || Number.isInteger(value) ? Math.round(value) : digits(value)) + (unit ? " " + unit : "");
  }
  const digits = (v) => (Math.abs(v) >= 99.95 ? v.toFixed(0) : Math.abs(v) >= 9.995 ? v.toFixed(1) : v.toFixed(2));

  function time(nanos) {
    if (nanos < 1e3) return nanos + " ns";
    if (nanos < 1e6) return digits(nanos / 1e3) + " µs";
    return nanos < 1e9 ? digits(nanos / 1e6) + " ms" : digits(nanos / 1e9) + " s";
  }

  function duration(seconds) {
    const s = Math.floor(seconds);
    if (s < 60) return s + " s";
    if (s < 3600) return Math.floor(s / 60) + " min " + (s % 60) + " s";
    if (s < 86400) return Math.floor(s / 3600) + " h " + Math.floor((s % 3600) / 60) + " min";
    return Math.floor(s / 86400) + " d " + Math.floor((s % 86400) / 3600) + " h";
  }

  const ago = (moment, now) => (moment ? duration(Math.max(0, (Date.parse(now) - Date.parse(moment)) / 1000)) + " ago" : "–");
  const percent = (part, whole) => (whole > 0 ? ((100 * part) / whole).toFixed(1) + " %" : "–");

  // ---- the API

  let token = sessionStorage.getItem("token") || "";
  const given = /^#token=(.+)$/.exec(location.hash);
  if (given) {
    token = decodeURIComponent(given[1]);
    sessionStorage.setItem("token", token);
    history.replaceState(null, "", location.pathname);
  }

  async function ask(path) {
    const response = await fetch(path, { headers: { Authorization: "Bearer " + token }, signal: AbortSignal.timeout(5000), cache: "no-store" });
    if (response.status === 401) throw new Denied();
    if (!response.ok) throw new Error("status " + response.status);
    return response.json();
  }
  class Denied extends Error {}

  // ---- tables

  // Makes the rows of a table's body as many as there are, and sets their cells.
  function fill(id, rows) {
    const body = $(id).tBodies[0];
    while (body.rows.length > rows.length) body.deleteRow(-1);
    rows.forEach((cells, r) => {
      const row = body.rows[r] || body.insertRow();
      while (row.cells.length > cells.length) row.deleteCell(-1);
      cells.forEach((cell, c) => {
        const at = row.cells[c] || row.insertCell();
        if (cell instanceof Node) {
          if (at.firstChild !== cell) at.replaceChildren(cell);
          at.className = "";
          return;
        }
        const [text, style] = Array.isArray(cell) ? cell : [cell, ""];
        if (at.textContent !== String(text)) at.textContent = text;
        if (at.className !== style) at.className = style;
      });
    });
  }

  const meters = new Map();
  function meter(key, share) {
    let made = meters.get(key);
    if (!made) {
      made = document.createElement("div");
      made.className = "meter";
      made.setAttribute("role", "meter");
      made.setAttribute("aria-valuemin", "0");
      made.setAttribute("aria-valuemax", "100");
      made.setAttribute("aria-label", "busy");
      const track = document.createElement("span"), bar = document.createElement("span"), text = document.createElement("span");
      track.className = "track";
      bar.className = "fill";
      text.className = "text";
      track.append(bar);
      made.append(track, text);
      meters.set(key, made);
    }
    const value = Math.min(100, Math.max(0, 100 * share));
    made.setAttribute("aria-valuenow", value.toFixed(0));
    const bar = made.firstElementChild.firstElementChild;
    bar.style.width = value + "%";
    bar.classList.toggle("high", value > 90);
    made.lastElementChild.textContent = value.toFixed(0) + " %";
    return made;
  }

  // ---- showing

  let before = null, held = false, failures = 0;
  const past = { received: [], transmitted: [], dropped: [], latency: [] };
  const rates = new Charts.Lines($("rates"), ["received", "transmitted", "dropped"], (v) => short(v));

  const match = (list, item, ...keys) => (list || []).find((old) => keys.every((k) => old[k] === item[k]));

  function show(now) {
    const seconds = before ? (Date.parse(now.time) - Date.parse(before.time)) / 1000 : 0;
    const rate = (fresh, old, key) => (seconds > 0 && old ? (fresh[key] - old[key]) / seconds : null);
    const whole = now.balance, old = before && before.balance;
    const received = rate(whole, old, "received"), transmitted = rate(whole, old, "transmitted"), dropped = rate(whole, old, "dropped");
    remember(received, transmitted, dropped, now.recentLatency);
    $("uptime").textContent = duration(now.uptimeSeconds);
    $("in-frames").textContent = short(received);
    $("out-frames").textContent = short(transmitted);
    $("drop-frames").textContent = short(dropped);
    $("in-bits").textContent = short(rate(whole, old, "receivedBytes") * 8, "bit/s");
    $("out-bits").textContent = short(rate(whole, old, "transmittedBytes") * 8, "bit/s");
    $("drop-share").textContent = percent(whole.dropped, whole.received + whole.generated) + " of all so far";
    const l = now.recentLatency;
    $("p99").textContent = l.count ? time(l.p99Nanos) : "–";
    $("latencies").textContent = l.count ? `50 % ${time(l.p50Nanos)} · 99.99 % ${time(l.p9999Nanos)}` : "no frame now";
    actions(now, rate);
    workers(now, seconds, rate);
    drops(now, rate);
    ports(now, rate);
    programs(now);
    balance(whole);
    charts();
    before = now;
  }

  function remember(received, transmitted, dropped, latency) {
    const push = (list, value) => { list.push(value); if (list.length > SLOTS) list.shift(); };
    push(past.received, received);
    push(past.transmitted, transmitted);
    push(past.dropped, dropped);
    push(past.latency, latency.count ? latency.p99Nanos : null);
  }

  function charts() {
    Charts.spark($("spark-in"), past.received, SLOTS);
    Charts.spark($("spark-out"), past.transmitted, SLOTS);
    Charts.spark($("spark-drop"), past.dropped, SLOTS);
    Charts.spark($("spark-latency"), past.latency, SLOTS);
    rates.set([past.received, past.transmitted, past.dropped], SLOTS, ((SLOTS - 1) * PERIOD) / 1000);
  }

  const actionClass = (action) => "a-" + action.toLowerCase().replace("xdp_", "");

  function actions(now, rate) {
    const all = now.actions.reduce((sum, a) => sum + a.frames, 0);
    fill("actions", now.actions.filter((a) => a.frames > 0 || a.action !== "unknown").map((a) => [
      [a.action, "name key " + actionClass(a.action)],
      [short(rate(a, before && match(before.actions, a, "action"), "frames")), "n"],
      [count(a.frames), "n"],
      [percent(a.frames, all), "n"]]));
    const bar = $("actions-bar");
    now.actions.forEach((a, i) => {
      const part = bar.children[i] || bar.appendChild(document.createElement("span"));
      part.className = actionClass(a.action);
      part.style.flexGrow = all ? a.frames / all : 0;
      part.hidden = a.frames === 0;
    });
  }

  function workers(now, seconds, rate) {
    fill("workers", now.workers.map((w) => {
      const old = before && match(before.workers, w, "worker");
      const spent = old ? w.seconds - old.seconds : 0;
      const share = spent > 0 ? (w.busySeconds - old.busySeconds) / spent : w.busySeconds / (w.seconds || 1);
      return [
        [w.failure ? `${w.worker} failed: ${w.failure}` : w.worker + (!w.active ? " (left)" : w.cpu === null ? "" : " on CPU " + w.cpu), w.failure ? "bad" : "name"],
        meter("worker" + w.worker, share),
        [short(rate(w, old, "receivedFrames")), "n"],
        [count(w.poolOut) + " / " + count(w.poolFrames), "n"],
        [count(w.waiting), "n"]];
    }));
  }

  function drops(now, rate) {
    const sorted = [...now.drops].sort((a, b) => b.frames - a.frames);
    $("no-drops").hidden = sorted.length > 0;
    $("drops").hidden = sorted.length === 0;
    fill("drops", sorted.map((d) => [
      [d.reason, "name"],
      [short(rate(d, before && match(before.drops, d, "reason", "by"), "frames") ?? 0), "n"],
      [count(d.frames), "n"],
      [ago(d.lastSeen, now.time), ""],
      [d.by, "quiet"],
      [d.sentence, ""]]));
  }

  function ports(now, rate) {
    fill("ports", now.ports.map((p) => {
      const old = before && match(before.ports, p, "port");
      const bits = (key) => { const r = rate(p, old, key); return short(r === null ? null : r * 8); };
      const faults = p.receiveErrors + p.receiveNoBuffer + p.transmitErrors + p.transmitFull + p.kernelDrops;
      const state = document.createElement("span");
      state.className = "state " + p.state;
      state.textContent = p.state;
      return [
        [p.port, "name"], state, [p.program || "–", ""],
        [short(rate(p, old, "receivedFrames")), "n"], [bits("receivedBytes"), "n"],
        [short(rate(p, old, "transmittedFrames")), "n"], [bits("transmittedBytes"), "n"],
        [count(faults), faults ? "n bad" : "n"], [p.mac, "mono"]];
    }));
    const spoiled = now.ports.flatMap((p) => [onPurpose(p, p.receiveFaults, "came in"), onPurpose(p, p.transmitFaults, "went out")]);
    $("spoiled").textContent = spoiled.filter((line) => line).join(" ");
    $("spoiled").hidden = !$("spoiled").textContent;
  }

  // What a port does to frames because its configuration says so; undefined where it did nothing.
  function onPurpose(port, faults, what) {
    const done = Object.entries(faults || {}).filter(([, frames]) => frames > 0).map(([name, frames]) => count(frames) + " " + name);
    return done.length ? `On purpose, of what ${what} by ${port.port}: ${done.join(", ")}.` : undefined;
  }

  function programs(now) {
    $("no-programs").hidden = now.programs.length > 0;
    $("programs").hidden = now.programs.length === 0;
    fill("programs", now.programs.map((p) => [
      [p.program, "name"], [p.function, "mono"], [p.ports.join(", ") || "–", ""], [count(p.instructions), "n"],
      [count(p.runs.reduce((sum, r) => sum + r.frames, 0)), "n"], [count(p.faults), p.faults ? "n bad" : "n"],
      [ago(p.since, now.time), ""]]));
  }

  function balance(b) {
    const strong = (n) => { const s = document.createElement("strong"); s.textContent = count(n); return s; };
    const parts = [strong(b.received), " received + ", strong(b.generated), " generated = ", strong(b.transmitted), " transmitted + ",
      strong(b.delivered), " delivered + ", strong(b.punted), " punted + ", strong(b.dropped), " dropped + ", strong(b.inFlight), " in flight"];
    if (b.difference !== 0) parts.push(" + ", strong(b.difference), " unaccounted for");
    $("balance").replaceChildren(...parts);
  }

  // ---- maps

  let maps = [];

  const isZero = (v) => (v !== null && typeof v === "object" ? Object.values(v).every(isZero) : v === 0);

  // A value for people: a struct's fields that are not zero, or the text.
  function valueOf(value, text) {
    if (value === null || typeof value !== "object" || Array.isArray(value) || Object.keys(value).length < 3) return [text, "mono"];
    const list = document.createElement("dl");
    list.className = "fields mono";
    const shown = Object.entries(value).filter(([, field]) => !isZero(field));
    for (const [name, field] of shown) {
      const pair = document.createElement("div"), dt = document.createElement("dt"), dd = document.createElement("dd");
      dt.textContent = name;
      dd.textContent = plain(field);
      pair.append(dt, dd);
      list.append(pair);
    }
    const zero = Object.keys(value).length - shown.length;
    if (zero > 0) {
      const rest = document.createElement("div");
      rest.className = "quiet";
      rest.textContent = zero === 1 ? "1 field more is zero" : zero + " fields more are zero";
      list.append(rest);
    }
    return list;
  }

  function plain(field) {
    if (typeof field === "number") return count(field);
    if (field === null || typeof field !== "object" || Array.isArray(field)) return typeof field === "string" ? field : JSON.stringify(field);
    return Object.entries(field).map(([name, part]) => name + " " + plain(part)).join(", ");
  }

  async function listMaps() {
    maps = await ask("/v1/maps");
    const select = $("map"), chosen = select.value;
    const names = maps.map((m) => `${m.map}${m.program ? " of " + m.program : ""} (${m.type})`);
    if (names.join("\n") !== [...select.options].map((o) => o.text).join("\n")) {
      select.replaceChildren(...maps.map((m, i) => new Option(names[i], m.id)));
      if (maps.some((m) => String(m.id) === chosen)) select.value = chosen;
    }
    select.disabled = maps.length === 0;
  }

  async function showMap() {
    const chosen = maps.find((m) => String(m.id) === $("map").value);
    if (!chosen) {
      $("map-about").textContent = "No program has maps.";
      $("entries").hidden = true;
      $("no-entries").hidden = true;
      return;
    }
    const page = await ask(`/v1/maps/${chosen.id}/entries?limit=${ENTRIES}`);
    const wanted = $("find").value.toLowerCase();
    const rows = [];
    for (const entry of page.entries) {
      entry.texts.forEach((text, cpu) => {
        const key = entry.keyText + (entry.texts.length > 1 ? "  on CPU " + cpu : "");
        if (!wanted || (key + " " + text).toLowerCase().includes(wanted)) rows.push([[key, "mono name"], valueOf(entry.values[cpu], text)]);
      });
    }
    const type = (name, bytes) => (name === "?" ? "" : name + ", ") + bytes + (bytes === 1 ? " byte" : " bytes");
    $("map-about").textContent = `${chosen.type}, key ${type(chosen.keyType, chosen.keyBytes)}, value ${type(chosen.valueType, chosen.valueBytes)}, `
      + `at most ${count(chosen.maxEntries)} ` + (chosen.maxEntries === 1 ? "entry" : "entries") + (page.next === null ? "" : `; the first ${count(page.entries.length)} are shown`);
    $("entries").hidden = rows.length === 0;
    $("no-entries").hidden = rows.length > 0;
    fill("entries", rows);
  }

  // ---- the round

  function status(kind, text) {
    $("status").className = "status " + kind;
    if ($("status-text").textContent !== text) $("status-text").textContent = text;
  }

  function login(error) {
    $("main").hidden = true;
    $("login").hidden = false;
    $("login-error").textContent = error;
    status("", "Waiting for a token");
  }

  let round = 0;
  async function step() {
    if (document.hidden || held) return;
    try {
      show(await ask("/v1/figures"));
      $("main").hidden = false;
      $("login").hidden = true;
      if (round++ % 5 === 0) await listMaps();
      await showMap();
      failures = 0;
      status("live", "Live");
    } catch (error) {
      if (error instanceof Denied) {
        login(token ? "The daemon does not know this token." : "");
        return "stop";
      }
      failures++;
      status("lost", "No answer for " + failures + " s");
    }
  }

  async function run() {
    const began = performance.now();
    if ((await step()) === "stop") return;
    setTimeout(run, Math.max(100, PERIOD - (performance.now() - began)));
  }

  $("login").addEventListener("submit", (event) => {
    event.preventDefault();
    token = $("token").value.trim();
    sessionStorage.setItem("token", token);
    $("token").value = "";
    run();
  });
  $("hold").addEventListener("click", () => {
    held = !held;
    $("hold").setAttribute("aria-pressed", held);
    if (held) status("", "Held");
  });
  const refreshMap = () => showMap().catch(() => {});
  $("map").addEventListener("change", refreshMap);
  $("find").addEventListener("input", refreshMap);

  const themes = ["auto", "light", "dark"];
  function theme(name) {
    if (name === "auto") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.dataset.theme = name;
    $("theme").textContent = name[0].toUpperCase() + name.slice(1);
    $("theme").setAttribute("aria-label", "Colours: " + (name === "auto" ? "as the system has them" : name));
    localStorage.setItem("theme", name);
  }
  $("theme").addEventListener("click", () => theme(themes[(themes.indexOf(localStorage.getItem("theme") || "auto") + 1) % 3]));
  theme(localStorage.getItem("theme") || "auto");

  if (token) run();
  else login("");
})();
