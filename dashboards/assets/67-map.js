/* The service map: Cytoscape draws what Python has laid out. Colours and pictures name roles, which are
   filled in here; the pointer lights up what a node talks to. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});
  const MAP = "map:graph";
  const HOLD = 12; // Room around the graph, in px.
  const LARGEST = 1.1;
  const MANY = 20; // From here on the graph is drawn smaller, so its words are written larger.
  let given = null;
  let bound = null;
  let opened = 0;

  // Cytoscape warns of any wheel sensitivity, and the component always gives it one.
  const withoutWheel = (suite) => {
    if (suite && suite.Cytoscape && suite.Cytoscape.defaultProps) {
      delete suite.Cytoscape.defaultProps.wheelSensitivity;
    }
    return suite;
  };
  let suite = withoutWheel(window.dash_cytoscape);
  if (!suite) {
    Object.defineProperty(window, "dash_cytoscape", {
      configurable: true,
      get: () => suite,
      set: (loaded) => {
        suite = withoutWheel(loaded);
      },
    });
  }

  const coloured = (svg) => svg.replace(/--[a-z0-9-]+/g, (role) => watchdeck.colour(role));
  const image = (svg) => `data:image/svg+xml;utf8,${encodeURIComponent(coloured(svg))}`;
  const painted = (elements) =>
    elements.map((one) =>
      one.group === "nodes" ? { ...one, data: { ...one.data, image: image(one.data.svg) } } : one);

  const text = (size) => ({
    "font-family": "Inter, system-ui, sans-serif",
    "font-size": size,
    color: watchdeck.colour("--text"),
    "text-background-color": watchdeck.colour("--surface"),
    "text-background-opacity": 0.85,
    "text-background-padding": 2,
  });

  const stylesheet = () => {
    const c = watchdeck.colour;
    const many = (given || []).filter((one) => one.group === "nodes").length > MANY;
    return [
      { selector: "node", style: {
        ...text(many ? 15 : 12), width: "data(size)", height: "data(size)", shape: "ellipse",
        "background-opacity": 0, "background-image": "data(image)", "background-fit": "contain",
        "background-clip": "none", "border-width": 0, label: "data(label)", "text-wrap": "wrap",
        "text-max-width": 220, "text-valign": "bottom", "text-margin-y": 4, "line-height": 1.35,
        "overlay-opacity": 0 } },
      { selector: "edge", style: {
        ...text(many ? 14 : 11), color: c("--text-2"), width: "data(width)", "line-color": c("--line-strong"),
        "target-arrow-color": c("--line-strong"), "target-arrow-shape": "triangle", "arrow-scale": 0.9,
        "curve-style": "bezier", "control-point-step-size": 60, "source-distance-from-node": 4,
        "target-distance-from-node": 4, "overlay-opacity": 0, "line-opacity": 0.8 } },
      { selector: "edge.labelled, edge.lit", style: { label: "data(label)" } },
      { selector: "edge.link", style: { "line-style": "dashed" } },
      { selector: "edge.failing", style: { "line-color": c("--critical"), "target-arrow-color": c("--critical") } },
      { selector: "edge.slowest", style: {
        "line-color": c("--text"), "target-arrow-color": c("--text"), color: c("--text"), "font-weight": 600, "line-opacity": 1,
        "z-index": 1, "z-index-compare": "manual" } },
      { selector: "node:selected", style: { "underlay-color": c("--accent"), "underlay-opacity": 0.25, "underlay-padding": 6, "underlay-shape": "ellipse" } },
      { selector: "edge:selected", style: { "line-color": c("--accent"), "target-arrow-color": c("--accent"), label: "data(label)" } },
      { selector: ".pale", style: { opacity: 0.2 } },
    ];
  };

  const cyOf = () => {
    const box = document.getElementById(MAP);
    const inner = box && (box._cyreg ? box : [...box.querySelectorAll("*")].find((one) => one._cyreg));
    return inner ? inner._cyreg.cy : null;
  };

  /** The graph as large as it fits, but never much larger than life. */
  const fit = (cy) => {
    cy.resize();
    cy.fit(undefined, HOLD);
    if (cy.zoom() > LARGEST) {
      cy.zoom(LARGEST);
      cy.center();
    }
  };

  const light = (cy, one) => {
    const near = one.isEdge() ? one.union(one.connectedNodes()) : one.closedNeighborhood();
    cy.elements().difference(near).addClass("pale");
    near.edges().addClass("lit");
  };
  const calm = (cy) => cy.elements().removeClass("pale lit");

  const bind = () => {
    const cy = cyOf();
    if (!cy) {
      if (document.getElementById(MAP)) requestAnimationFrame(bind);
      return;
    }
    if (bound !== cy) {
      bound = cy;
      cy.minZoom(0.15);
      cy.maxZoom(2.5);
      cy.userZoomingEnabled(false); // The wheel scrolls the page; with Ctrl it zooms.
      cy.boxSelectionEnabled(false);
      cy.on("mouseover", "node, edge", (event) => {
        light(cy, event.target);
        cy.container().style.cursor = "pointer";
      });
      cy.on("tap", () => calm(cy));
      cy.on("mouseout", "node, edge", () => {
        calm(cy);
        cy.container().style.cursor = "";
      });
      watcher.observe(cy.container());
    }
    requestAnimationFrame(() => fit(cy));
  };
  const watcher = new ResizeObserver(() => bound && bound.container() && bound.container().isConnected && fit(bound));

  document.addEventListener("wheel", (event) => {
    const box = event.target.closest && event.target.closest(`[id="${MAP}"]`);
    const cy = box && (event.ctrlKey || event.metaKey) ? cyOf() : null;
    if (!cy) return;
    event.preventDefault();
    const frame = box.getBoundingClientRect();
    const position = { x: event.clientX - frame.left, y: event.clientY - frame.top };
    cy.zoom({ level: cy.zoom() * 1.0015 ** -event.deltaY, renderedPosition: position });
  }, { passive: false });

  const DO = {
    in: (cy) => cy.zoom({ level: cy.zoom() * 1.25, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } }),
    out: (cy) => cy.zoom({ level: cy.zoom() / 1.25, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } }),
    fit,
  };
  document.addEventListener("click", (event) => {
    const other = event.target.closest && event.target.closest("[data-open-map]");
    if (other) {
      opened += 1; // Told apart, so that the same one opens again.
      watchdeck.setProps("map:opened", { data: { kind: other.dataset.openMap, id: other.dataset.key, n: opened } });
    }
    const button = event.target.closest && event.target.closest("[data-map]");
    const cy = button && cyOf();
    if (cy) DO[button.dataset.map](cy);
  });

  const dress = () => {
    if (!given || !document.getElementById(MAP)) return;
    watchdeck.setProps(MAP, { elements: painted(given), stylesheet: stylesheet() });
    requestAnimationFrame(bind);
  };
  watchdeck.on("theme", dress);

  const clientside = (window.dash_clientside = window.dash_clientside || {});
  clientside.watchdeck = {
    ...clientside.watchdeck,
    /** From the store to the graph; said once more when the theme changes. */
    map: (elements) => {
      given = elements || [];
      requestAnimationFrame(bind);
      return [painted(given), stylesheet()];
    },
  };
})();
