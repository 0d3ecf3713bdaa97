// Zoom and place of the pictures, one for both sides.
const viewer = get('viewer');
const view = { zoom: 1, x: 0, y: 0, width: 1, height: 1 };

const pane = () => {
  const beside = viewer && viewer.classList.contains('beside');
  return [viewer.clientWidth / (beside ? 2 : 1), viewer.clientHeight];
};
const whole = () => { const [w, h] = pane(); return Math.min(w / view.width, h / view.height); };
const place = () => {
  const [w, h] = pane(), scale = whole() * view.zoom;
  const clamp = (value, size, room) => (size * scale <= room
    ? (room - size * scale) / 2 : Math.min(0, Math.max(room - size * scale, value)));
  view.x = clamp(view.x, view.width, w); view.y = clamp(view.y, view.height, h);
  for (const canvas of viewer.querySelectorAll('canvas')) {
    canvas.style.transform = `translate(${view.x}px, ${view.y}px) scale(${scale})`;
    canvas.style.imageRendering = scale * (window.devicePixelRatio || 1) >= 2 ? 'pixelated' : 'auto';
  }
  viewer.classList.toggle('zoomed', view.zoom > 1);
  get('zoom').textContent = `${Math.round(scale * (window.devicePixelRatio || 1) * 100)} %`;
};
// A picture smaller than the viewer fills it at first; it can be made as small as its pixels are.
const least = () => Math.min(1, 1 / (whole() * (window.devicePixelRatio || 1)));
const zoomAt = (factor, px, py) => {
  const zoom = Math.min(32, Math.max(least(), view.zoom * factor)), ratio = zoom / view.zoom;
  view.x = px - (px - view.x) * ratio; view.y = py - (py - view.y) * ratio; view.zoom = zoom;
  place();
};
const zoomMiddle = (factor) => { const [w, h] = pane(); zoomAt(factor, w / 2, h / 2); };
const fitAll = () => { view.zoom = 1; place(); };
const onePixel = () => zoomMiddle(1 / (whole() * view.zoom * (window.devicePixelRatio || 1)));
// The edge between the two pictures, in hundredths of the viewer's width.
const cutAt = (share) => {
  get('cut').value = Math.min(100, Math.max(0, share));
  viewer.style.setProperty('--cut', `${get('cut').value}%`);
};
const cutting = () => viewer.classList.contains('slider');
const move = (dx, dy) => { view.x += dx; view.y += dy; place(); };
// The viewer keeps the shape of the picture, so nothing below it moves but when that changes.
const frame = (width, height) => {
  const beside = viewer.classList.contains('beside');
  view.width = width; view.height = height;
  viewer.style.aspectRatio = `${beside ? 2 * width : width} / ${height}`;
  viewer.style.maxHeight = '85vh';
  place();
};

if (viewer) {
  const held = new Map();
  let dragged = false;
  const within = (event) => {
    const box = viewer.getBoundingClientRect(), [w] = pane(), x = event.clientX - box.left;
    return [x > w ? x - w : x, event.clientY - box.top];
  };
  const follow = (event) => {
    const box = viewer.getBoundingClientRect();
    cutAt(100 * (event.clientX - box.left) / box.width);
  };
  viewer.addEventListener('pointerdown', (event) => {
    const box = viewer.getBoundingClientRect(), edge = box.left + box.width * get('cut').value / 100;
    held.set(event.pointerId, within(event));
    // Where all is shown there is nothing to move but the edge; else it is taken by its line.
    dragged = cutting() && (view.zoom <= 1 || Math.abs(event.clientX - edge) < 16);
    if (dragged && event.pointerType === 'mouse') follow(event);
    viewer.setPointerCapture(event.pointerId);
  });
  viewer.addEventListener('pointermove', (event) => {
    const before = held.get(event.pointerId), now = within(event);
    if (!before) return;
    const other = [...held].find(([id]) => id !== event.pointerId);
    if (other) {
      const span = (one) => Math.hypot(one[0] - other[1][0], one[1] - other[1][1]) || 1;
      zoomAt(span(now) / span(before), other[1][0], other[1][1]);
    } else if (dragged) follow(event);
    else if (view.zoom > 1) move(now[0] - before[0], now[1] - before[1]);
    held.set(event.pointerId, now);
  });
  for (const name of ['pointerup', 'pointercancel']) viewer.addEventListener(name, (event) => held.delete(event.pointerId));
  viewer.addEventListener('wheel', (event) => {
    // A wheel that turns over the page scrolls it; the viewer takes it once it has the focus.
    if (document.activeElement !== viewer && !event.ctrlKey) return;
    event.preventDefault();
    zoomAt(Math.exp(-event.deltaY / 300), ...within(event));
  }, { passive: false });
  viewer.addEventListener('keydown', (event) => {
    const side = { ArrowLeft: -2, ArrowRight: 2 }[event.key];
    if (side && view.zoom <= 1 && cutting()) { event.preventDefault(); cutAt(Number(get('cut').value) + side); return; }
    const act = {
      '+': () => zoomMiddle(1.25), '=': () => zoomMiddle(1.25), '-': () => zoomMiddle(.8), 0: fitAll, 1: onePixel,
      ArrowLeft: () => move(40, 0), ArrowRight: () => move(-40, 0), ArrowUp: () => move(0, 40), ArrowDown: () => move(0, -40),
    }[event.key];
    if (!act || event.ctrlKey || event.metaKey || (view.zoom <= 1 && event.key.startsWith('Arrow'))) return;
    event.preventDefault(); act();
  });
  get('closer').addEventListener('click', () => zoomMiddle(1.5));
  get('farther').addEventListener('click', () => zoomMiddle(1 / 1.5));
  get('fit').addEventListener('click', fitAll);
  get('pixels').addEventListener('click', onePixel);
  get('cut').addEventListener('input', () => cutAt(Number(get('cut').value)));
  new ResizeObserver(place).observe(viewer);
}
