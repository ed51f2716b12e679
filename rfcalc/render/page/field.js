"use strict";
// What any unit of any layer sees of an input, looked up in runs of units that lie next to each other.
class FieldView {
  constructor({ say, make }, section, fields, rows) {
    Object.assign(this, { say, make, section, fields, rows });
    for (const picture of section.querySelectorAll(".unit-picture")) picture.hidden = true;
    const known = rows.filter((each) => fields.of[each.place].length);
    this.layers = make("select", { change: (event) => this.choose(Number(event.target.value)) },
      ...known.map((each) => make("option", { value: each.place }, each.name)));
    this.inputs = make("select", { change: (event) => this.see(Number(event.target.value)) });
    this.inputLabel = make("label", {}, say("field input"), " ", this.inputs);
    this.places = make("span", { class: "places" });
    this.map = this.plane("map of units", (place) => this.at(place), (axis, by) => this.move(axis, by));
    this.ground = this.plane("over input", (place) => this.look(place), null);
    this.told = make("p", { class: "aside" });
    this.facts = make("dl", { class: "facts" });
    this.command = make("code", {});
    section.append(
      make("div", { class: "bar" }, make("label", {}, say("field layer"), " ", this.layers), this.inputLabel, this.places),
      make("div", { class: "units" }, this.ground.figure, this.map.figure,
        make("div", { class: "unit-facts", "aria-live": "polite" }, this.facts, this.told, make("p", { class: "aside" }, this.command))));
    // The layer of the picture, or the last of which there is something to see: of one unit there is no other.
    const view = (each) => fields.views[fields.of[each.place][0]];
    const told = known.filter((each) => Array.isArray(view(each)[2])), several = told.filter((each) => view(each)[1].some((length) => length > 1));
    const [first] = [several.find((each) => each.name === fields.shown), several.pop(), told.pop(), known.pop()].filter(Boolean);
    this.choose(first.place);
  }

  static drawn(tag, properties) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(properties)) made.setAttribute(name, value);
    return made;
  }

  // A picture of positions: what is clicked is a place in it, by its last two axes.
  plane(key, click, move) {
    const svg = FieldView.drawn("svg", { class: "plane", role: "img", ...(move ? { tabindex: 0 } : {}) });
    const about = FieldView.drawn("title", {}), marks = FieldView.drawn("g", {});
    about.textContent = this.say(key);
    svg.append(about, marks);
    const plane = { svg, marks, figure: this.make("figure", {}, svg, this.make("figcaption", { class: "aside" }, this.say(key))) };
    const pick = (event) => {
      const box = svg.getBoundingClientRect(), { from, to } = plane;
      const place = [event.clientY - box.top, event.clientX - box.left].map((far, axis) =>
        Math.floor(from[axis] + (far / (axis ? box.width : box.height)) * (to[axis] - from[axis])));
      click(place.map((each, axis) => Math.min(Math.max(each, 0), plane.size[axis] - 1)));
    };
    svg.addEventListener("pointerdown", pick);
    svg.addEventListener("pointermove", (event) => { if (event.buttons === 1 && event.pointerType === "mouse") pick(event); });
    const keys = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [1, -1], ArrowRight: [1, 1] };
    if (move) svg.addEventListener("keydown", (event) => {
      const step = keys[event.key];
      if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      move(...step);
    });
    return plane;
  }

  // The layer in a row of the table: its unit in the middle.
  choose(place) {
    const views = this.fields.of[place];
    if (!views.length) return;
    this.place = place;
    this.layers.value = String(place);
    this.inputs.replaceChildren(...views.map((view) => {
      const source = this.fields.views[view][0];
      return this.make("option", { value: view }, this.fields.inputs[source][0]);
    }));
    this.inputLabel.hidden = views.length < 2;
    this.see(views[0]);
  }

  // One of the inputs that the layer sees.
  see(view) {
    const [source, shape, products, theoretical, effective] = this.fields.views[view];
    Object.assign(this, { shape, products, theoretical, effective, size: this.fields.inputs[source][1] });
    this.unit = shape.map((length) => Math.floor(length / 2));
    this.photo = this.fields.photos[source] || null;
    this.told.textContent = this.photo || "";
    this.ground.svg.classList.toggle("over-photo", Boolean(this.photo));
    this.pixel = null;
    this.places.replaceChildren(...shape.map((length, axis) => {
      const fromLast = shape.length - 1 - axis, name = ["unit column", "unit row"][fromLast];
      return this.make("label", {}, shape.length <= 2 && shape.length > 1 ? this.say(name) : this.say("unit axis", { number: axis + 1 }), " ",
        this.make("input", { type: "number", min: 0, max: length - 1, value: this.unit[axis],
          input: (event) => this.set(axis, Number(event.target.value)) }));
    }));
    // What is drawn does not move with the unit: it has room for what any unit sees, to half an input outside.
    const last = shape.map((length) => length - 1), reach = [shape.map(() => 0), last].map((unit) => this.ends(theoretical, unit));
    const lows = this.size.map((_, axis) => Math.min(0, ...reach.map((ends) => (ends && ends[axis] ? ends[axis][0] : 0))));
    const highs = this.size.map((length, axis) => Math.max(length - 1, ...reach.map((ends) => (ends && ends[axis] ? ends[axis][1] : 0))));
    this.frame(this.ground, this.size, this.size.map((length, axis) => Math.max(lows[axis], -length / 2)),
      this.size.map((length, axis) => Math.min(highs[axis] + 1, 1.5 * length)));
    this.frame(this.map, shape, shape.map(() => 0), shape);
    this.draw();
  }

  // The last two axes of a plane; what has one lies, what has none is one square.
  frame(plane, size, from, to) {
    const two = (values, other) => [other, other, ...values].slice(-2);
    Object.assign(plane, { size: two(size, 1), from: two(from, 0), to: two(to, 1) });
    const [down, across] = plane.to.map((end, axis) => end - plane.from[axis]);
    const height = Math.min(Math.max((360 * down) / across, size.length > 1 ? 90 : 36), 540);
    plane.scale = [height / down, 360 / across];
    plane.svg.setAttribute("viewBox", `0 0 360 ${height}`);
  }

  set(axis, place) {
    if (!Number.isInteger(place) || place < 0 || place >= this.shape[axis]) return;
    this.unit[axis] = place;
    this.pixel = null;
    this.draw();
  }

  at(place) {
    this.shape.slice(-2).forEach((_, axis, two) => { this.unit[this.shape.length - two.length + axis] = place[2 - two.length + axis]; });
    this.pixel = null;
    this.draw();
  }

  move(axis, by) {
    const own = this.shape.length - 2 + axis;
    if (own >= 0) this.set(own, this.unit[own] + by);
  }

  look(place) {
    this.pixel = this.size.map((length, axis) => {
      const shown = axis - (this.size.length - 2);
      return shown >= 0 ? place[shown] : Math.floor(length / 2);
    });
    this.draw();
  }

  // The stretches of positions that the unit at a place of an axis sees.
  static stretches(runs, place) {
    for (const [number, first, last, ...ends] of runs) {
      if (place >= number) { place -= number; continue; }
      const found = [];
      for (let each = 0; each < ends.length; each += 2) found.push([ends[each] + place * first, ends[each + 1] + place * last]);
      return found;
    }
    return [];
  }

  along([rows, axis], unit) {
    return FieldView.stretches(this.fields.rows[rows], axis < 0 ? 0 : unit[axis]);
  }

  ends(views, unit) {
    return Array.isArray(views) ? views.map((view) => (view ? this.along(view, unit)[0] || null : null)) : null;
  }

  // The products that a unit sees, without those that are empty.
  seen(unit) {
    return this.products.map((product) => product.map((view) => this.along(view, unit))).filter((product) => product.every((rows) => rows.length));
  }

  // How many positions stretches have, and those that two have in common.
  static length(rows) {
    return rows.reduce((sum, [low, high]) => sum + high - low + 1, 0);
  }

  static common(one, two) {
    const found = [];
    for (let i = 0, j = 0; i < one.length && j < two.length;) {
      const low = Math.max(one[i][0], two[j][0]), high = Math.min(one[i][1], two[j][1]);
      if (low <= high) found.push([low, high]);
      if (one[i][1] < two[j][1]) i += 1; else j += 1;
    }
    return found;
  }

  // How many places a union of products has: inclusion and exclusion, as an intersection is a product.
  static count(products) {
    let total = 0;
    const add = (from, product, sign) => {
      for (let next = from; next < products.length; next += 1) {
        const both = product ? product.map((rows, axis) => FieldView.common(rows, products[next][axis])) : products[next];
        if (!both.every((rows) => rows.length)) continue;
        total += sign * both.reduce((volume, rows) => volume * FieldView.length(rows), 1);
        add(next + 1, both, -sign);
      }
    };
    add(0, null, 1);
    return total;
  }

  // The units that see a position, as products of stretches along the axes of the layer.
  seeing(pixel) {
    return this.products.map((product) => {
      const found = this.shape.map((length) => [[0, length - 1]]);
      let some = true;
      product.forEach(([rows, axis], place) => {
        const units = this.unitsSeeing(this.fields.rows[rows], pixel[place], axis < 0 ? 1 : this.shape[axis]);
        if (axis < 0) some = some && units.length > 0;
        else found[axis] = FieldView.common(found[axis], units);
      });
      return some ? found : [[]];
    }).filter((product) => product.every((rows) => rows.length));
  }

  unitsSeeing(runs, position, length) {
    const found = [];
    for (let unit = 0; unit < length; unit += 1) {
      if (!FieldView.stretches(runs, unit).some(([low, high]) => low <= position && position <= high)) continue;
      const last = found[found.length - 1];
      if (last && last[1] === unit - 1) last[1] = unit; else found.push([unit, unit]);
    }
    return found;
  }

  rectangle(plane, rows, name) {
    const [down, across] = [[[0, 0]], [[0, 0]], ...rows.map((each) => [each])].slice(-2).map(([each]) => each);
    const side = (ends, axis) => [(ends[0] - plane.from[axis]) * plane.scale[axis], (ends[1] + 1 - ends[0]) * plane.scale[axis]];
    const [[y, height], [x, width]] = [side(down, 0), side(across, 1)];
    if (name === "photo") {
      plane.marks.append(FieldView.drawn("use", { x, y, width, height, href: "#~photo" }));
      return;
    }
    // A line is seen on whatever lies below.
    if (plane === this.ground && this.photo && /-field$/.test(name)) plane.marks.append(FieldView.drawn("rect", { x, y, width, height, class: "rim" }));
    plane.marks.append(FieldView.drawn("rect", { x, y, width, height, class: name }));
  }

  // The places of products in the last two axes; of very many their box alone.
  fill(plane, products, name) {
    for (const product of products) {
      const [down, across] = [[[0, 0]], [[0, 0]], ...product].slice(-2);
      const boxes = down.length * across.length > 2500 ? [[[down[0][0], down[down.length - 1][1]]], [[across[0][0], across[across.length - 1][1]]]] : [down, across];
      for (const row of boxes[0]) for (const column of boxes[1]) this.rectangle(plane, [row, column], name);
    }
  }

  lines(plane) {
    plane.size.forEach((length, axis) => {
      let step = 1;
      while (length / step > 32) step *= 2;
      for (let place = 0; place <= length; place += step) {
        const end = (each, other) => (each - plane.from[other]) * plane.scale[other], at = end(place, axis), other = 1 - axis;
        const [low, high] = [end(0, other), end(plane.size[other], other)];
        plane.marks.append(FieldView.drawn("path", { class: "grid-line", d: axis ? `M${at} ${low}V${high}` : `M${low} ${at}H${high}` }));
      }
    });
  }

  draw() {
    const { say, unit } = this, facts = [], text = (place) => place.join(","), inside = (each) => each.toLocaleString("en");
    for (const plane of [this.ground, this.map]) plane.marks.replaceChildren();
    this.rectangle(this.ground, this.size.map((length) => [0, length - 1]), "whole-input");
    if (this.photo) this.rectangle(this.ground, this.size.map((length) => [0, length - 1]), "photo");
    else this.lines(this.ground);
    this.rectangle(this.map, this.shape.map((length) => [0, length - 1]), "whole-input");
    this.lines(this.map);
    const told = (ends) => {
      const size = ends.map(([low, high]) => high - low + 1).join("x");
      return say("box from to", { size, first: text(ends.map((each) => each[0])), last: text(ends.map((each) => each[1])) });
    };
    const whole = this.size.reduce((product, length) => product * length, 1);
    if (!Array.isArray(this.products)) facts.push([say("visible"), say("field unknown", { reason: this.products }), "visible", ""]);
    else {
      const seen = this.seen(unit), count = FieldView.count(seen);
      this.fill(this.ground, seen, "visible-field");
      const box = seen.length ? this.size.map((_, axis) => [Math.min(...seen.map((product) => product[axis][0][0])), Math.max(...seen.map((product) => product[axis][product[axis].length - 1][1]))]) : null;
      facts.push([say("visible"), box ? told(box) : say("sees nothing"), "visible", box ? JSON.stringify(box) : "[]"]);
      facts.push(["", say("positions seen", { count: inside(count), share: ((100 * count) / whole).toFixed(1) }), "positions", count]);
    }
    const ends = this.ends(this.theoretical, unit);
    if (ends && ends.every(Boolean)) {
      this.rectangle(this.ground, ends, "theoretical-field");
      const area = ends.reduce((product, [low, high]) => product * (high - low + 1), 1);
      const within = ends.reduce((product, [low, high], axis) => product * Math.max(0, Math.min(high, this.size[axis] - 1) - Math.max(low, 0) + 1), 1);
      const { from, to } = this.ground, two = ends.slice(-2);
      const beyond = two.some(([low, high], axis) => low < from[2 - two.length + axis] || high >= to[2 - two.length + axis]);
      facts.push([say("theoretical"), told(ends), "theoretical", JSON.stringify(ends)]);
      if (beyond) facts.push(["", say("beyond"), "beyond", ""]);
      facts.push(["", say("in padding", { share: ((100 * (area - within)) / area).toFixed(1) }), "padding", (area - within) / area]);
    } else facts.push([say("theoretical"), say("no such field"), "theoretical", ""]);
    if (Array.isArray(this.effective)) {
      const energy = this.ends(this.effective, unit);
      this.rectangle(this.ground, energy, "effective-field");
      facts.push([say("effective"), told(energy), "effective", JSON.stringify(energy)]);
    } else facts.push([say("effective"), say("field unknown", { reason: this.effective }), "effective", ""]);
    if (this.pixel) {
      this.rectangle(this.ground, this.pixel.map((each) => [each, each]), "chosen-place");
      if (Array.isArray(this.products)) {
        const seeing = this.seeing(this.pixel), count = FieldView.count(seeing);
        this.fill(this.map, seeing, "visible-field");
        const all = this.shape.reduce((product, length) => product * length, 1);
        facts.push([say("seen by", { place: text(this.pixel) }), say("units seeing", { count: inside(count), share: ((100 * count) / all).toFixed(1) }), "seeing", count]);
      }
    } else this.rectangle(this.map, unit.map((each) => [each, each]), "chosen-place");
    this.facts.replaceChildren(...facts.flatMap(([title, value, key, number]) => [
      this.make("dt", { class: title && `key-${key}` }, title), this.make("dd", { class: `of-${key}`, "data-value": String(number) }, value)]));
    [...this.places.querySelectorAll("input")].forEach((each, axis) => { if (document.activeElement !== each) each.value = unit[axis]; });
    const name = this.rows[this.place].name, quoted = /^[\w.,:/-]+$/.test(name) ? name : `'${name.replace(/'/g, "'\\''")}'`;
    if (this.fields.command) this.command.textContent = `${this.fields.command} ${quoted} ${this.pixel ? `--pixel ${text(this.pixel)}` : text(unit)}`.trim();
  }
}
