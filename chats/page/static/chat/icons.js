// The page's icons, drawn as strokes on a 24 by 24 grid. They are decoration: the button around one has its own name.

const SVG = "http://www.w3.org/2000/svg";

const STROKES = {
  alert: "M12 8v5M12 16.5v.01M12 3 2.5 20h19z",
  arrow_up: "M12 19V5M6 11l6-6 6 6",
  check: "M5 12.5 10 17.5 19 7",
  chevron_down: "m7 10 5 5 5-5",
  chevron_left: "m14 7-5 5 5 5",
  chevron_right: "m10 7 5 5-5 5",
  close: "M6 6l12 12M18 6 6 18",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  columns: "M4 5h16v14H4zM12 5v14",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  eye_off: "M4 4l16 16M9.5 6a9 9 0 0 1 2.5-.5c6 0 9.5 6.5 9.5 6.5a16 16 0 0 1-3 3.7M6 8a15 15 0 0 0-3.5 4S6 18.5 12 18.5a9 9 0 0 0 4-.9",
  flag: "M6 21V4M6 5h11l-2 4 2 4H6",
  info: "M12 11v6M12 7.5v.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z",
  more: "M5 12v.01M12 12v.01M19 12v.01",
  retry: "M20 11A8 8 0 1 0 18 17M20 4v7h-7",
  share: "M12 15V4M8 8l4-4 4 4M6 12H5v8h14v-8h-1",
  sliders: "M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4",
  stop: "M7 7h10v10H7z",
  thumb_down: "M7 4v10M7 14l4 6c1.5 0 2.2-1 2-2.5L12.5 14H19c1 0 1.7-1 1.5-2l-1.5-7c-.2-.6-.8-1-1.5-1H7M3.5 4H7v10H3.5z",
  thumb_up: "M7 20V10M7 10l4-6c1.5 0 2.2 1 2 2.5L12.5 10H19c1 0 1.7 1 1.5 2l-1.5 7c-.2.6-.8 1-1.5 1H7M3.5 20H7V10H3.5z",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  upload: "M12 16V5M7 9l5-5 5 5M5 20h14",
};

/** An icon by name. Throws for an unknown name. */
export function icon(name) {
  if (!Object.hasOwn(STROKES, name)) throw new Error(`icon ${name}: unknown; known are ${Object.keys(STROKES).join(", ")}`);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", STROKES[name]);
  svg.append(path);
  return svg;
}
