"use strict";
// Brings the page to life.  It only rearranges what stands in the page: texts become text, never markup.
(() => {
  const data = JSON.parse(document.getElementById("~data").textContent);

  const say = (key, values = {}) =>
    data.words[key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));

  const make = (tag, properties, ...content) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (typeof value === "function") made.addEventListener(name, value);
      else if (value !== false && value !== null) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...content);
    return made;
  };

  const button = (text, click, properties = {}) => make("button", { type: "button", click, ...properties }, text);

  // What a cell sorts by: a number, or null where its text is none.
  const valueOf = (cell) => {
    if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
    const text = cell.textContent.replace(/,/g, "");
    if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
    return /^\d+(x\d+)+$/.test(text) ? text.split("x").reduce((product, size) => product * size, 1) : null;
  };

  const inWords = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;

  const LONGEST = 60;

  // The table of one network: sorting, filtering, folding, columns, copying.
  class LayerTable {
    constructor(main, network) {
      this.network = network;
      this.table = main.querySelector("table.layers");
      this.body = this.table.tBodies[0];
      this.total = this.table.tFoot.rows[0];
      this.rows = [];
      this.byAnchor = new Map();
      this.sorted = null;
      const open = [];
      [...this.body.rows].forEach((row, place) => {
        const head = row.cells[0];
        const each = { row, place, name: head.textContent, block: row.classList.contains("b"), folded: false };
        while (open.length && !each.name.startsWith(`${open[open.length - 1].name}.`)) open.pop();
        each.around = open.length ? open[open.length - 1] : null;
        each.level = open.length;
        each.operation = row.cells[1].textContent;
        each.text = `${each.name} ${each.operation}`.toLowerCase();
        head.textContent = "";
        if (each.block) {
          open.push(each);
          each.toggle = button("", () => this.fold([each], !each.folded), { class: "toggle", "aria-label": each.name });
          head.append(each.toggle);
        }
        each.link = make("a", { href: `#${row.id}` }, each.name);
        head.append(each.link);
        this.rows.push(each);
        this.byAnchor.set(row.id, each);
      });
      this.heads = [...this.table.tHead.rows[0].cells];
      this.heads.forEach((head, place) => this.sortable(head, place));
      this.bar(main);
      // As many levels are open as leave the table short; all blocks of one level are open, or none.
      const deepest = this.rows.reduce((most, each) => Math.max(most, each.level), 0);
      let level = 0;
      while (level < deepest && this.rows.filter((each) => each.level <= level + 1).length <= LONGEST) level += 1;
      for (const each of this.rows) each.folded = each.block && each.level >= level;
      this.show();
    }

    bar(main) {
      const operators = [...new Set(this.rows.filter((each) => !each.block).map((each) => each.operation.split(" ")[0]))];
      this.text = make("input", {
        type: "search", placeholder: say("filter"), "aria-label": say("filter"), spellcheck: "false",
        input: () => this.show(), keydown: (event) => this.enter(event),
      });
      this.operator = make("select", { "aria-label": say("operator filter"), change: () => this.show() },
        make("option", { value: "" }, say("any operator")),
        ...operators.sort(inWords).map((name) => make("option", { value: name }, name)));
      const blocks = this.rows.filter((each) => each.block);
      this.shown = make("span", { class: "shown", role: "status" });
      this.place = make("div", { class: "copied" });
      const copies = [["Markdown", this.markdown], ["CSV", this.csv], ["LaTeX", this.latex]].map(([name, form]) =>
        button(name, () => this.copy(form.call(this, this.texts()))));
      main.querySelector(".part-table .scroll").before(make("div", { class: "bar" },
        this.text, this.operator,
        ...(blocks.length ? [button(say("close blocks"), () => this.fold(blocks, true)), button(say("open blocks"), () => this.fold(blocks, false))] : []),
        make("details", { class: "menu" }, make("summary", {}, say("columns")), make("div", {}, ...this.choices())),
        make("details", { class: "menu" }, make("summary", {}, say("copy")), make("div", {}, ...copies)),
        this.shown, this.place));
    }

    choices() {
      const shown = this.heads.slice(1).map((head) => {
        const place = head.cellIndex;
        return [head.textContent, true, (on) => { for (const row of this.table.rows) row.cells[place].hidden = !on; }];
      });
      const further = this.network.columns.map((column) => {
        let place = -1;
        return [column.title, false, (on) => {
          if (place < 0) place = this.add(column);
          for (const row of this.table.rows) row.cells[place].hidden = !on;
        }];
      });
      return [...shown, ...further].map(([title, checked, change]) =>
        make("label", {}, make("input", { type: "checkbox", checked, change: (event) => change(event.target.checked) }), title));
    }

    // Adds the cells of a column that the page has as data, and returns its place.
    add(column) {
      const head = make("th", { scope: "col", class: column.right ? "n" : "", "data-c": column.name }, column.title);
      this.table.tHead.rows[0].append(head);
      this.heads.push(head);
      this.sortable(head, this.heads.length - 1);
      [...this.rows.map((each) => each.row), this.total].forEach((row, place) => {
        const text = column.texts[column.which[place]];
        const [shown, value] = Array.isArray(text) ? text : [text, null];
        row.append(make("td", { class: column.right ? "n" : "", "data-v": value }, shown));
      });
      return head.cellIndex;
    }

    sortable(head, place) {
      const title = head.textContent;
      head.textContent = "";
      head.append(button(title, () => this.sort(place)));
    }

    // Numbers from the largest, words from the first; then the other way; then as they are executed.
    sort(place) {
      const turned = this.sorted && this.sorted.place === place ? this.sorted.turned + 1 : 0;
      this.sorted = turned > 1 ? null : { place, turned };
      this.heads.forEach((head, other) => {
        if (this.sorted && other === place) {
          const numbers = this.numbers(place);
          head.setAttribute("aria-sort", numbers === (turned === 0) ? "descending" : "ascending");
        } else head.removeAttribute("aria-sort");
      });
      const order = this.rows.slice();
      if (this.sorted) {
        const numbers = this.numbers(place), sign = turned ? -1 : 1;
        const key = new Map(order.map((each) => [each, numbers ? valueOf(each.row.cells[place]) : each.row.cells[place].textContent]));
        order.sort((one, other) => {
          const a = key.get(one), b = key.get(other);
          // What is not known stands last, whichever way.
          if (a === null || b === null) return (a === null) - (b === null) || one.place - other.place;
          return sign * (numbers ? b - a : inWords(a, b)) || one.place - other.place;
        });
      }
      this.body.append(...order.map((each) => each.row));
      this.show();
    }

    numbers(place) {
      return this.rows.some((each) => valueOf(each.row.cells[place]) !== null);
    }

    fold(blocks, folded) {
      for (const block of blocks) block.folded = folded;
      this.show();
    }

    // A row is seen where it fits the filter and no block around it is folded; sorted rows are layers alone.
    show() {
      const words = this.text.value.toLowerCase().split(/\s+/).filter(Boolean), operator = this.operator.value;
      const flat = Boolean(this.sorted || words.length || operator);
      this.table.classList.toggle("flat", flat);
      let count = 0, all = 0;
      for (const each of this.rows) {
        let seen = true;
        if (flat) {
          seen = !each.block && words.every((word) => each.text.includes(word)) && (!operator || each.operation.split(" ")[0] === operator);
        } else for (let block = each.around; block; block = block.around) if (block.folded) seen = false;
        each.row.hidden = !seen;
        if (!each.block) all += 1;
        if (!each.block && seen) count += 1;
        if (each.toggle) each.toggle.setAttribute("aria-expanded", String(!each.folded));
      }
      this.shown.textContent = say("rows shown", { shown: count.toLocaleString("en"), all: all.toLocaleString("en") });
    }

    reveal(each) {
      if (each.row.hidden && this.table.classList.contains("flat")) {
        this.text.value = "";
        this.operator.value = "";
      }
      for (let block = each.around; block; block = block.around) block.folded = false;
      this.show();
    }

    enter(event) {
      const first = [...this.body.rows].find((row) => !row.hidden);
      if (event.key === "Enter" && first) location.hash = `#${first.id}`;
    }

    // The texts of the cells that are seen, row by row, headings first.
    texts() {
      const head = this.table.tHead.rows[0];
      const rows = [head, ...[...this.body.rows].filter((row) => !row.hidden)];
      return rows.map((row) => [...row.cells].filter((cell) => !cell.hidden).map((cell) => cell.textContent));
    }

    right(place) {
      const seen = this.heads.filter((head) => !head.hidden)[place];
      return getComputedStyle(seen).textAlign === "right";
    }

    markdown(rows) {
      const line = (cells) => `| ${cells.join(" | ")} |`;
      const escape = (text) => text.replace(/[\\`*_[\]|~$^{}#!@]/g, "\\$&").replace(/&/g, "&amp;").replace(/[<]/g, "&lt;");
      const [head, ...rest] = rows.map((cells) => cells.map(escape));
      return [head, head.map((_, place) => (this.right(place) ? "--:" : ":--")), ...rest].map(line).join("\n");
    }

    csv(rows) {
      const cell = (text) => {
        const plain = /^[\d,]+$/.test(text) ? text.replace(/,/g, "") : text;
        // A spreadsheet would compute what begins so.
        const safe = /^\s*[-+=@]/.test(plain) ? `'${plain}` : plain;
        return /[",\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
      };
      return rows.map((cells) => cells.map(cell).join(",")).join("\n");
    }

    latex(rows) {
      const signs = { "\\": "\\textbackslash{}", "^": "\\^{}", "~": "\\textasciitilde{}", "≥": "$\\geq$", "≤": "$\\leq$", "–": "--", "×": "$\\times$", "·": "$\\cdot$" };
      const escape = (text) => text.replace(/[\\^~≥≤–×·]|[&%$#_{}]/g, (sign) => signs[sign] || `\\${sign}`);
      const line = (cells) => `  ${cells.map(escape).join(" & ")} \\\\`;
      const [head, ...rest] = rows;
      const columns = head.map((_, place) => (this.right(place) ? "r" : "l")).join("");
      return [`\\begin{tabular}{${columns}}`, line(head), "  \\hline", ...rest.map(line), "\\end{tabular}"].join("\n");
    }

    async copy(text) {
      const count = text.split("\n").length;
      this.place.textContent = "";
      try {
        await navigator.clipboard.writeText(`${text}\n`);
        this.place.append(say("copied", { count }));
      } catch {
        const area = make("textarea", { rows: 6, readonly: true, "aria-label": say("copy") }, text);
        this.place.append(make("p", {}, say("not copied")), area);
        area.select();
      }
    }
  }

  // A treemap: what is clicked is gone into, block by block, down to a layer.
  class TreemapView {
    constructor(figure, table) {
      this.picture = figure.querySelector("svg.treemap");
      this.table = table;
      this.inside = null;
      this.tiles = [...this.picture.children].filter((tile) => tile.dataset.l !== undefined).map((tile) => {
        const [left, top, width, height] = ["x", "y", "width", "height"].map((side) => parseFloat(tile.getAttribute(side)));
        const name = tile.firstChild.textContent.split(" ")[0];
        return { tile, left, top, width, height, name, level: Number(tile.dataset.l), block: tile.querySelector(".frame") !== null };
      });
      this.crumbs = make("p", { class: "crumbs" });
      this.picture.before(this.crumbs);
      this.picture.addEventListener("click", (event) => {
        const found = this.tiles.find((each) => each.tile === event.target.closest("svg[data-l]"));
        if (!found) return;
        event.preventDefault();
        this.enter(found.name);
      });
      this.draw();
      new ResizeObserver(() => this.draw()).observe(this.picture);
    }

    within(name) {
      return this.inside === null || name === this.inside.name || name.startsWith(`${this.inside.name}.`);
    }

    // Goes into the block of the next level that holds what is named, or to the layer itself.
    enter(name) {
      const level = this.inside ? this.inside.level + 1 : 1;
      const next = this.tiles.find((each) => each.level === level && (name === each.name || name.startsWith(`${each.name}.`)));
      if (!next) return;
      if (next.block) this.go(next);
      else location.hash = `#${[...this.table.byAnchor].find(([, each]) => each.name === next.name)[0]}`;
    }

    go(block) {
      this.inside = block;
      this.draw();
      (this.picture.querySelector("a") || this.picture).focus({ preventScroll: true });
    }

    draw() {
      const whole = { left: 0, top: 0, width: 100, height: 100, level: 0, name: "" };
      const root = this.inside || whole;
      for (const each of this.tiles) {
        const seen = this.within(each.name) && each.level > root.level;
        each.tile.setAttribute("display", seen ? "inline" : "none");
        const link = each.tile.querySelector("a");
        if (link) link.remove();
        if (!seen) continue;
        const sides = {
          x: ((each.left - root.left) / root.width) * 100, y: ((each.top - root.top) / root.height) * 100,
          width: (each.width / root.width) * 100, height: (each.height / root.height) * 100,
        };
        for (const [side, value] of Object.entries(sides)) each.tile.setAttribute(side, `${value.toFixed(2)}%`);
        if (each.level === root.level + 1) {
          const made = (tag, properties) => {
            const found = document.createElementNS("http://www.w3.org/2000/svg", tag);
            for (const [name, value] of Object.entries(properties)) found.setAttribute(name, value);
            return found;
          };
          const name = made("text", { x: 6, y: 16 }), around = made("a", { href: "#", tabindex: 0 });
          name.textContent = this.inside ? each.name.slice(root.name.length + 1) : each.name;
          around.append(name);
          each.tile.append(around);
          // What has no room for its name is named when it is pointed at.
          const room = (side, size) => (sides[side] / 100) * this.picture.getBoundingClientRect()[size];
          if (name.getComputedTextLength() + 12 > room("width", "width") || room("height", "height") < 21) around.remove();
        }
      }
      const path = this.tiles.filter((each) => each.block && this.inside && (each.name === root.name || root.name.startsWith(`${each.name}.`)));
      path.sort((one, other) => one.level - other.level);
      const steps = [null, ...path].map((block) => {
        const text = block ? block.name : say("whole network");
        return block === this.inside ? make("b", {}, text) : button(text, () => this.go(block));
      });
      this.crumbs.hidden = this.inside === null;
      this.crumbs.replaceChildren(...steps.flatMap((step, place) => (place ? [" › ", step] : [step])));
    }
  }

  // What is known of one layer, beside the page.
  class LayerPanel {
    constructor() {
      this.title = make("h2", { id: "~panel-title", tabindex: "-1" });
      this.content = make("div", {});
      this.node = make("aside", { class: "panel", hidden: true, "aria-labelledby": "~panel-title" },
        make("div", { class: "panel-bar" },
          button("←", () => this.step(-1), { "aria-label": say("previous") }),
          button("→", () => this.step(1), { "aria-label": say("next") }),
          button("×", () => this.close(), { "aria-label": say("close") })),
        this.title, this.content, make("p", { class: "aside keys" }, say("keys")));
      document.body.append(this.node);
    }

    close() {
      if (this.node.hidden) return;
      this.node.hidden = true;
      document.body.classList.remove("with-panel");
      this.mark(null);
      this.shown.each.link.focus({ preventScroll: true });
      history.replaceState(null, "", location.pathname + location.search);
    }

    // The next layer that the table shows in order of execution, or the one before.
    step(by) {
      if (this.node.hidden) return;
      const { table, each } = this.shown;
      const next = table.rows[each.place + by];
      if (next) location.hash = `#${next.row.id}`;
    }

    mark(each) {
      for (const row of document.querySelectorAll("tr.chosen")) row.classList.remove("chosen");
      for (const box of document.querySelectorAll(".diagram a.chosen")) box.classList.remove("chosen");
      if (!each) return;
      each.row.classList.add("chosen");
      const boxes = [...document.querySelectorAll(".diagram a")];
      for (const box of boxes) if (box.getAttribute("href") === `#${each.row.id}`) box.classList.add("chosen");
    }

    show(main, table, each) {
      const network = table.network;
      this.shown = { table, each };
      this.mark(each);
      const link = (place) => {
        const other = typeof place === "number" ? table.rows[place] : null;
        return other ? make("a", { href: `#${other.row.id}` }, other.name) : String(place);
      };
      const several = (places) => places.flatMap((place, number) => (number ? [", ", link(place)] : [link(place)]));
      const facts = [];
      [...each.row.cells].forEach((cell, place) => {
        if (place > 0 && cell.textContent) facts.push([table.heads[place].textContent, [cell.textContent]]);
      });
      const known = new Set(table.heads.map((head) => head.dataset.c));
      for (const column of network.columns) {
        const text = column.texts[column.which[each.place]], shown = Array.isArray(text) ? text[0] : text;
        if (!known.has(column.name) && shown) facts.push([column.title, [shown]]);
      }
      const reads = network.reads[each.place].map((read) => (typeof read === "number" ? each.place - read : read));
      if (reads.length) facts.push([say("reads"), several(reads)]);
      const readers = [];
      network.reads.forEach((found, place) => { if (found.some((read) => typeof read === "number" && place - read === each.place)) readers.push(place); });
      if (readers.length) facts.push([say("read by"), several(readers)]);
      if (network.lines[each.place]) facts.push([say("described"), [String(network.lines[each.place])]]);
      const step = network.steps[each.place];
      if (step) facts.push([say("field step"), [`${step[0]} + ${step[1]} · ${step[2]} = ${step[0] + step[1] * step[2]}`]]);
      const list = make("dl", { class: "facts" }, ...facts.flatMap(([title, content]) => [make("dt", {}, title), make("dd", {}, ...content)]));
      this.title.textContent = each.name;
      this.content.replaceChildren(list);
      const kind = main.querySelectorAll(".kinds details dl")[network.kinds[each.place]];
      if (kind) {
        const copy = kind.cloneNode(true);
        copy.removeAttribute("id");
        copy.className = "arithmetic-of";
        this.content.append(copy);
      }
      this.node.hidden = false;
      document.body.classList.add("with-panel");
    }
  }

  const panel = new LayerPanel();
  const found = [...document.querySelectorAll(".network")].map((main, place) => {
    const table = new LayerTable(main, data.networks[place]);
    for (const figure of main.querySelectorAll("figure.map")) if (figure.querySelector("svg.treemap")) new TreemapView(figure, table);
    const section = main.querySelector(".part-field"), fields = table.network.field;
    const view = section && fields ? new FieldView({ say, make }, section, fields, table.rows) : null;
    return { main, table, view };
  });

  // Of a diagram that is wider than its frame the middle of its first line is seen, where its input stands.
  const centre = (frame) => {
    const name = frame.querySelector("text[text-anchor=middle]");
    if (name) frame.scrollLeft = Number(name.getAttribute("x")) - frame.clientWidth / 2;
  };
  for (const frame of document.querySelectorAll(".diagram")) {
    centre(frame);
    const folded = frame.closest("details");
    if (folded) folded.addEventListener("toggle", () => centre(frame), { once: true });
  }

  const follow = () => {
    let anchor = location.hash.slice(1);
    try {
      anchor = decodeURIComponent(anchor);
    } catch {
      return;
    }
    for (const { main, table, view } of found) {
      const each = table.byAnchor.get(anchor);
      if (!each) continue;
      table.reveal(each);
      panel.show(main, table, each);
      if (view && !each.block) view.choose(each.place);
      each.row.scrollIntoView({ block: "nearest" });
      return;
    }
    const part = document.getElementById(anchor);
    const folded = part && part.closest("details");
    if (folded) folded.open = true;
  };
  addEventListener("hashchange", follow);
  if (location.hash.length > 1) follow();

  document.addEventListener("click", (event) => {
    const row = event.target.closest("table.layers tbody tr");
    if (row && !event.target.closest("a,button") && !String(getSelection())) location.hash = `#${row.id}`;
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input,select,textarea");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") panel.close();
    else if (typing) return;
    else if (event.key === "/") {
      event.preventDefault();
      found[0].table.text.focus();
    } else if (event.key === "ArrowRight") panel.step(1);
    else if (event.key === "ArrowLeft") panel.step(-1);
  });
})();
