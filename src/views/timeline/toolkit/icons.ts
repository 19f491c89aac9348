/** The page's few icons, drawn here: a webview has none of VS Code's. 16 by 16, in the text's colour. */
const paths = {
  copy: 'M5 4.5v-2h8.5v9H11M2.5 4.5H11v9H2.5z',
  open: 'M9.5 2.5h4v4M13.5 2.5l-6 6M6.5 3.5h-4v10h10v-4',
  send: 'M2.5 3.5l11 4.5-11 4.5 1.5-4.5zM4 8h5',
  clear: 'M4 4l8 8M12 4l-8 8',
  down: 'M8 2.5v10M4 8.5l4 4 4-4',
} as const;

export function icon(name: keyof typeof paths): SVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  const path = document.createElementNS(namespace, 'path');
  const attributes = { fill: 'none', stroke: 'currentColor', 'stroke-linejoin': 'round' };
  for (const [key, value] of Object.entries(attributes)) path.setAttribute(key, value);
  path.setAttribute('d', paths[name]);
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('width', '16');
  svg.setAttribute('height', '16');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(path);
  return svg;
}
