const data = JSON.parse(document.getElementById('data').textContent);
const get = (id) => document.getElementById(id);
const make = (name, attributes = {}, ...children) => {
  const svg = ['svg', 'path', 'circle', 'rect', 'line', 'text', 'g', 'title', 'polygon', 'clipPath', 'defs'];
  const node = svg.includes(name)
    ? document.createElementNS('http://www.w3.org/2000/svg', name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};
const fill = (select, values, label = (value) => value) => {
  const before = select.value;
  select.replaceChildren(...values.map((value) => make('option', { value }, label(value))));
  if (values.includes(before)) select.value = before;
};
const digits = (value, count = 4) =>
  value === undefined || value === null ? '-' : Number(value.toPrecision(count)).toString();
const colour = (place) => data.colours[place % data.colours.length];
const dash = (place) => ['', '7 3', '2 3', '9 3 2 3'][Math.floor(place / data.colours.length) % 4];

// Marks differ in shape as well as in colour.
const shape = (place, x, y, r, attributes) => {
  const at = (points) => points.map(([dx, dy]) => `${x + dx * r},${y + dy * r}`).join(' ');
  switch (place % 4) {
    case 0: return make('circle', { cx: x, cy: y, r, ...attributes });
    case 1: return make('rect', { x: x - r * .9, y: y - r * .9, width: r * 1.8, height: r * 1.8, ...attributes });
    case 2: return make('polygon', { points: at([[0, -1.2], [1.1, .8], [-1.1, .8]]), ...attributes });
    default: return make('polygon', { points: at([[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]]), ...attributes });
  }
};
