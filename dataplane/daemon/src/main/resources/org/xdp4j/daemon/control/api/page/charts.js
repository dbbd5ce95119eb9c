"use strict";
// Lines over time, drawn as SVG. Values may be null where nothing is known.
const Charts = (() => {
  const SVG = "http://www.w3.org/2000/svg";

  function element(name, attributes, parent) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (parent) parent.append(made);
    return made;
  }

  // The path of a series; x runs from 0 to width, the newest value at its right end.
  function path(values, slots, width, height, top, most) {
    let text = "";
    let pen = false;
    const first = slots - values.length;
    values.forEach((value, i) => {
      if (value === null || !Number.isFinite(value)) { pen = false; return; }
      const x = (width * (first + i)) / (slots - 1);
      const y = top + height - (most > 0 ? (height * value) / most : 0);
      text += (pen ? "L" : "M") + x.toFixed(1) + " " + y.toFixed(1);
      pen = true;
    });
    return text;
  }

  function area(line, height) {
    const points = line.match(/[-\d.]+/g);
    if (!points || points.length < 4) return "";
    return line + "L" + points[points.length - 2] + " " + height + "L" + points[0] + " " + height + "Z";
  }

  function spark(host, values, slots) {
    const known = values.filter((v) => v !== null);
    const most = Math.max(1e-12, ...known) * 1.15;
    const line = path(values, slots, 200, 40, 4, most);
    let svg = host.firstElementChild;
    if (!svg) {
      svg = element("svg", { viewBox: "0 0 200 44", preserveAspectRatio: "none", "aria-hidden": "true" }, host);
      element("path", { class: "area" }, svg);
      element("path", { class: "line" }, svg);
    }
    svg.children[0].setAttribute("d", area(line, 44));
    svg.children[1].setAttribute("d", line);
  }

  // A round number at or above value: 1, 2 or 5 times a power of ten.
  function ceiling(value) {
    if (!(value > 0)) return 1;
    const power = 10 ** Math.floor(Math.log10(value));
    return [1, 2, 2.5, 5, 10].map((f) => f * power).find((f) => f >= value * 1.0001) || 10 * power;
  }

  // A chart of several series with a scale; hovering shows the values of one moment.
  class Lines {
    constructor(host, names, format) {
      this.host = host;
      this.names = names;
      this.format = format;
      this.tip = document.createElement("div");
      this.tip.className = "tip";
      this.tip.hidden = true;
      host.append(this.tip);
      host.addEventListener("pointermove", (e) => { this.at = e.clientX - host.getBoundingClientRect().left; this.draw(); });
      host.addEventListener("pointerleave", () => { this.at = null; this.draw(); });
      new ResizeObserver(() => this.draw()).observe(host);
    }

    set(series, slots, seconds) {
      this.series = series;
      this.slots = slots;
      this.seconds = seconds;
      this.draw();
    }

    draw() {
      if (!this.series) return;
      const width = this.host.clientWidth, height = this.host.clientHeight;
      if (width < 50) return;
      const left = 52, bottom = 22, top = 8;
      const inner = width - left - 4, tall = height - bottom - top;
      const most = ceiling(Math.max(...this.series.flat().filter((v) => v !== null), 0));
      if (this.svg) this.svg.remove();
      const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
      this.svg = svg;
      this.host.prepend(svg);
      const grid = element("g", { class: "grid" }, svg);
      for (let i = 0; i <= 4; i++) {
        const y = top + tall - (tall * i) / 4;
        element("line", { x1: left, x2: width - 4, y1: y, y2: y }, grid);
        element("text", { x: left - 8, y: y + 4, "text-anchor": "end" }, svg).textContent = this.format((most * i) / 4);
      }
      const steps = inner < 420 ? 2 : 4;
      for (let i = 0; i <= steps; i++) {
        const ago = Math.round((this.seconds * (steps - i)) / steps);
        const text = element("text", { x: left + (inner * i) / steps, y: height - 5, "text-anchor": i === steps ? "end" : i === 0 ? "start" : "middle" }, svg);
        text.textContent = ago === 0 ? "now" : ago + " s ago";
      }
      this.series.forEach((values, i) => {
        const group = element("g", { class: this.names[i], transform: `translate(${left} 0)` }, svg);
        const line = path(values, this.slots, inner, tall, top, most);
        if (i === 0) element("path", { class: "area", d: area(line, top + tall) }, group);
        element("path", { class: "line", d: line }, group);
      });
      this.point(svg, left, inner, top, tall);
    }

    point(svg, left, inner, top, tall) {
      const length = this.series[0].length;
      const slot = this.at === null || this.at === undefined ? -1 : Math.round(((this.at - left) / inner) * (this.slots - 1));
      const index = slot - (this.slots - length);
      if (index < 0 || index >= length) { this.tip.hidden = true; return; }
      const x = left + (inner * slot) / (this.slots - 1);
      element("line", { class: "cursor", x1: x, x2: x, y1: top, y2: top + tall }, svg);
      this.tip.textContent = this.names.map((name, i) => `${name}  ${this.series[i][index] === null ? "–" : this.format(this.series[i][index])}`).join("\n");
      this.tip.hidden = false;
      const right = x > left + inner / 2;
      this.tip.style.left = right ? "auto" : x + 10 + "px";
      this.tip.style.right = right ? this.host.clientWidth - x + 10 + "px" : "auto";
    }
  }

  return { spark, Lines };
})();
