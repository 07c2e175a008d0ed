/* The URL is the state. It is read at load and on Back, and written by replaceState or pushState,
   which mounts nothing anew; the stores `view` and `query` follow it. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});
  const OWN = ["range", "tz", "account", "region", "refresh"];
  const DEFAULTS = { range: "3h", refresh: 60 };
  const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

  const listed = (text) => (text ? text.split(",").filter(Boolean) : []);

  const fromUrl = () => {
    const params = new URLSearchParams(location.search);
    const refresh = params.get("refresh");
    return {
      range: params.get("range") || DEFAULTS.range,
      zone: params.get("tz") || browserZone,
      accounts: listed(params.get("account")),
      regions: listed(params.get("region")),
      refresh: /^\d+$/.test(refresh || "") ? Number(refresh) : DEFAULTS.refresh,
    };
  };

  const queryFromUrl = () => {
    const found = {};
    for (const [name, value] of new URLSearchParams(location.search)) {
      if (!OWN.includes(name)) found[name] = value;
    }
    return found;
  };

  /** The view's part of a query string; what is default is left out, so links stay short. */
  const viewParams = (view) => {
    const parts = [];
    const add = (name, value) => parts.push(`${name}=${encodeURIComponent(value).replace(/%3A/g, ":").replace(/%2C/g, ",").replace(/%2F/g, "/")}`);
    if (view.range !== DEFAULTS.range) add("range", view.range);
    if (view.zone !== browserZone) add("tz", view.zone);
    if (view.accounts.length) add("account", view.accounts.join(","));
    if (view.regions.length) add("region", view.regions.join(","));
    if (view.refresh !== DEFAULTS.refresh) add("refresh", view.refresh);
    return parts;
  };

  const queryParams = (query) =>
    Object.entries(query || {})
      .filter(([, value]) => value !== null && value !== undefined && value !== "")
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);

  const address = (path, view, query) => {
    const parts = [...queryParams(query), ...viewParams(view)];
    return path + (parts.length ? `?${parts.join("&")}` : "");
  };

  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  let view = fromUrl();
  let query = queryFromUrl();

  const publish = () => {
    watchdeck.setProps("view", { data: view });
    watchdeck.tell("view", view);
  };

  /** Changes the view. `push` makes a step that Back undoes; without it the step is replaced. */
  const set = (changes, { push = true } = {}) => {
    const next = { ...view, ...changes };
    if (same(next, view)) return;
    if (next.range !== view.range) remember(view.range, next.range);
    view = next;
    const url = address(location.pathname, view, query);
    if (push) history.pushState(null, "", url);
    else history.replaceState(null, "", url);
    publish();
  };

  // Ranges that were looked at: the stack for going back, and the list of recent ones.
  const stack = [];
  const remember = (before, next) => {
    stack.push(before);
    if (stack.length > 50) stack.shift();
    const recent = [next, ...watchdeck.memory.get("ranges", [])];
    watchdeck.memory.set("ranges", [...new Set(recent)].slice(0, 8));
  };

  /** The range before this one; where there is none, twice as much around the same middle. */
  const back = () => {
    const before = stack.pop();
    const next = before || watchdeck.range.wider(view.range, Date.now(), view.zone);
    const kept = stack.length;
    set({ range: next });
    stack.length = kept;
  };

  const setQuery = (next) => {
    if (same(next || {}, query)) return;
    query = { ...next };
    history.replaceState(null, "", address(location.pathname, view, query));
  };

  /** Goes to another page of ours; range, accounts and Regions come along. */
  const go = (href, { newTab = false } = {}) => {
    const url = new URL(href, location.href);
    const own = {};
    for (const [name, value] of url.searchParams) if (!OWN.includes(name)) own[name] = value;
    const changed = { ...view };
    if (url.searchParams.get("range")) changed.range = url.searchParams.get("range");
    if (url.searchParams.get("account")) changed.accounts = listed(url.searchParams.get("account"));
    if (url.searchParams.get("region")) changed.regions = listed(url.searchParams.get("region"));
    const next = address(url.pathname, changed, own);
    if (newTab) {
      window.open(next, "_blank", "noopener");
      return;
    }
    const moved = !same(changed, view);
    [view, query] = [changed, own];
    history.pushState(null, "", next);
    watchdeck.setProps("query", { data: query });
    if (moved) publish();
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
    watchdeck.tell("page", url.pathname);
  };

  const internal = (anchor) =>
    anchor &&
    anchor.origin === location.origin &&
    !anchor.target &&
    !anchor.hasAttribute("download") &&
    !/^\/(api|assets|healthz|readyz|metrics|sign-out)(\/|$)/.test(anchor.pathname);

  // Every link inside goes this way, whoever drew it; a click with a key held is the browser's.
  const onClick = (event) => {
    const anchor = event.target.closest && event.target.closest("a[href]");
    if (!internal(anchor) || event.defaultPrevented || event.button !== 0) return;
    if (anchor.getAttribute("href").startsWith("#")) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
      anchor.href = carried(anchor.href);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    go(anchor.href);
  };
  const carried = (href) => {
    const url = new URL(href, location.href);
    const own = {};
    for (const [name, value] of url.searchParams) if (!OWN.includes(name)) own[name] = value;
    return address(url.pathname, view, own);
  };
  // A middle click or "open in new tab" takes the address from the link itself.
  const onPress = (event) => {
    const anchor = event.target.closest && event.target.closest("a[href]");
    if (internal(anchor) && event.button !== 0) anchor.href = carried(anchor.href);
  };

  const onPop = () => {
    const [nextView, nextQuery] = [fromUrl(), queryFromUrl()];
    if (!same(nextQuery, query)) {
      query = nextQuery;
      watchdeck.setProps("query", { data: query });
    }
    if (!same(nextView, view)) {
      view = nextView;
      publish();
    }
    watchdeck.tell("page", location.pathname);
  };

  if (globalThis.document) {
    document.addEventListener("click", onClick, true);
    document.addEventListener("mousedown", onPress, true);
    window.addEventListener("popstate", onPop);
  }

  watchdeck.view = { get: () => view, set, back, go, setQuery, address, carried };

  const clientside = (globalThis.dash_clientside = globalThis.dash_clientside || {});
  clientside.watchdeck = {
    /** At load: what the URL says, into the stores. */
    opened: () => {
      watchdeck.tell("view", view);
      return [view, query];
    },
    /** When a page changes its own query parameters. */
    queried: (data) => {
      setQuery(data || {});
      return clientside.no_update;
    },
  };
})();
