package org.xdp4j.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.daemon.control.http.Limits;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.PortSettings;

/** The web page in a real browser. Pictures of it are left in {@code target/page}. */
class PageTest {
  private static final Path PICTURES = Daemon.ROOT.resolve("dataplane/daemon/target/page");

  /** Contrast of text against what is behind it (WCAG 2.2, 1.4.3), the least on the page. */
  private static final String CONTRAST =
      """
      const rgb = (c) => c.match(/[\\d.]+/g).map(Number);
      const light = (c) => { const [r, g, b] = rgb(c).map((v) => { v /= 255;
        return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
      const ground = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
        const v = rgb(c); if (v.length < 4 || v[3] > 0) return c; } return 'rgb(255, 255, 255)'; };
      let least = 99, where = '';
      for (const e of document.querySelectorAll('h1, h2, p, td, th, button, li, label, small, strong')) {
        if (!e.textContent.trim() || !e.offsetParent) continue;
        const a = light(getComputedStyle(e).color), b = light(ground(e));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < least) { least = ratio; where = e.outerHTML.slice(0, 80); }
      }
      return least >= 4.5 ? '' : least.toFixed(2) + ' ' + where;
      """;

  /** What has no name for somebody who does not see it. */
  private static final String NAMELESS =
      """
      const bad = [];
      for (const e of document.querySelectorAll('button, select, input, section, [role=img], [role=meter]')) {
        const named = e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.textContent.trim()
          || (e.labels && e.labels.length);
        if (!named) bad.push(e.outerHTML.slice(0, 80));
      }
      for (const th of document.querySelectorAll('th')) if (!th.scope) bad.push(th.outerHTML);
      if (document.documentElement.lang !== 'en' || !document.title) bad.push('document');
      return bad;
      """;

  /** What does not fit the screen's width, unless it can be scrolled on its own. */
  private static final String WIDER =
      """
      return [...document.querySelectorAll('body *')].filter((e) => !e.closest('.scroll, .skip')
        && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
        .map((e) => e.outerHTML.slice(0, 80));
      """;

  @TempDir static Path folder;
  private static Browser browser;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(Browser.missing() == null, Browser.missing());
    browser = Browser.start(folder.resolve("profile"));
  }

  @AfterAll
  static void stop() throws Exception {
    if (browser != null) {
      browser.close();
    }
  }

  private static String url(Daemon daemon) {
    return "http://127.0.0.1:" + daemon.server().http().getPort() + "/";
  }

  @Test
  void itAsksForTheTokenAndShowsNothingWithoutIt() throws Exception {
    try (Daemon daemon = Daemon.rested(folder)) {
      browser.go(url(daemon));
      browser.await("!document.getElementById('login').hidden");
      assertThat(browser.run("return document.getElementById('main').hidden")).isEqualTo(true);
      enter("a-token-that-is-wrong");
      browser.await("document.getElementById('login-error').textContent");
      assertThat(browser.text("#login-error")).isEqualTo("The daemon does not know this token.");
      assertThat(browser.run("return document.getElementById('main').hidden")).isEqualTo(true);
      enter(Daemon.TOKEN);
      browser.await("!document.getElementById('main').hidden");
      browser.await("document.getElementById('status-text').textContent == 'Live'");
      browser.complaints(); // Of the two answers 401, as they should be.
    }
  }

  private static void enter(String token) throws Exception {
    browser.run(
        "document.getElementById('token').value = '"
            + token
            + "'; document.getElementById('login').requestSubmit()");
  }

  @Test
  void itShowsTheFiguresOfTheApiAndTheMapsContents() throws Exception {
    try (Daemon daemon = Daemon.rested(folder);
        Wire wire = daemon.connect(Wire.Over.UNIX)) {
      wire.json("POST", "/v1/maps/sources_v4/entries", "{\"set\": [\"203.0.113.0/24=XDP_DROP\"]}");
      browser.go(url(daemon) + "#token=" + Daemon.TOKEN);
      browser.await("document.querySelectorAll('#ports tbody tr').length == 2");
      assertThat(browser.run("return location.hash"))
          .as("the token is not left there")
          .isEqualTo("");
      Map<?, ?> figures = wire.get("/v1/figures").object();
      Map<?, ?> balance = (Map<?, ?>) figures.get("balance");
      assertThat(browser.text("#balance").replace(",", ""))
          .isEqualTo(
              "%s received + %s generated = %s transmitted + %s delivered + %s punted + %s dropped + %s in flight"
                  .formatted(
                      balance.get("received"),
                      balance.get("generated"),
                      balance.get("transmitted"),
                      balance.get("delivered"),
                      balance.get("punted"),
                      balance.get("dropped"),
                      balance.get("inFlight")));
      for (Object action : (List<?>) figures.get("actions")) {
        Map<?, ?> each = (Map<?, ?>) action;
        if (!each.get("action").equals("unknown")) {
          assertThat(cells("actions", each.get("action").toString()).get(2))
              .isEqualTo(each.get("frames").toString());
        }
      }
      for (Object drop : (List<?>) figures.get("drops")) {
        Map<?, ?> each = (Map<?, ?>) drop;
        assertThat(cells("drops", each.get("reason").toString()).get(2))
            .isEqualTo(each.get("frames").toString());
      }
      browser.await("document.getElementById('map').options.length > 3");
      browser.run(
          "const map = document.getElementById('map');"
              + "map.value = [...map.options].find((o) => o.text.startsWith('sources_v4')).value;"
              + "map.dispatchEvent(new Event('change'))");
      browser.await("document.querySelector('#entries td').textContent == '203.0.113.0/24'");
      assertThat(browser.text("#entries tbody")).contains("XDP_DROP");
      assertThat(browser.complaints()).isEmpty();
    }
  }

  @Test
  void whatAPortDoesToFramesOnPurposeIsSaid() throws Exception {
    PortSettings wan = PortSettings.of("wan");
    PortPlan.Faults faults = new PortPlan.Faults(0.3, 0.2, 0, 0, Duration.ZERO, Duration.ZERO, 7);
    ForwarderPlan plan = Daemon.plan(1000, 0);
    plan =
        plan.withPorts(
            List.of(
                plan.ports().getFirst(), new PortPlan.Fault(wan, new PortPlan.Null(wan), faults)));
    try (Daemon daemon = Daemon.start(folder, plan, true, Limits.defaults(), null)) {
      assertThat(daemon.awaitEnd()).isTrue();
      browser.go(url(daemon) + "#token=" + Daemon.TOKEN);
      browser.await("!document.getElementById('spoiled').hidden");
      assertThat(browser.text("#spoiled"))
          .matches("On purpose, of what went out by wan: [0-9]+ lost, [0-9]+ duplicated\\.");
      assertThat(browser.complaints()).isEmpty();
    }
  }

  private static List<String> cells(String table, String first) throws Exception {
    Object cells =
        browser.run(
            "return [...document.querySelectorAll('#"
                + table
                + " tbody tr')].map((r) => [...r.cells].map((c) => c.textContent.replace(/,/g,"
                + " ''))).find((c) => c[0] == '"
                + first
                + "')");
    return ((List<?>) cells).stream().map(String::valueOf).toList();
  }

  @Test
  void itIsLiveReadableAndFitsEveryScreen() throws Exception {
    try (Daemon daemon = Daemon.start(folder, Daemon.busy(), false, Limits.defaults(), null)) {
      browser.size(1280, 1500);
      browser.dark(false);
      browser.go(url(daemon) + "#token=" + Daemon.TOKEN);
      browser.await("document.querySelectorAll('#rates path.line').length == 3");
      browser.await("/[1-9]/.test(document.getElementById('in-frames').textContent)");
      browser.await(
          "document.querySelector('#rates path.line').getAttribute('d').split('L').length > 4");
      for (String dark : List.of("light", "dark")) {
        browser.dark(dark.equals("dark"));
        for (int width : new int[] {1280, 390}) {
          browser.size(width, width == 390 ? 3200 : 1900);
          browser.await("innerWidth == " + width);
          assertThat(browser.run(WIDER)).as("wider than %s", width).isEqualTo(List.of());
          assertThat(browser.run(CONTRAST)).as(dark).isEqualTo("");
          browser.screenshot(PICTURES.resolve(dark + "-" + width + ".png"));
        }
      }
      assertThat(browser.run(NAMELESS)).isEqualTo(List.of());
      browser.run("document.getElementById('theme').click()");
      assertThat(browser.run("return document.documentElement.dataset.theme")).isEqualTo("light");
      browser.run("document.getElementById('hold').click()");
      String held = browser.text("#balance");
      Thread.sleep(1500);
      assertThat(browser.text("#balance")).isEqualTo(held);
      assertThat(browser.complaints()).isEmpty();
    }
  }

  @Test
  void whenTheDaemonIsGoneThePageSaysSo() throws Exception {
    try (Daemon daemon = Daemon.rested(folder)) {
      browser.go(url(daemon) + "#token=" + Daemon.TOKEN);
      browser.await("document.getElementById('status').className == 'status live'");
    }
    browser.await("document.getElementById('status').className == 'status lost'");
    assertThat(browser.text("#status-text")).startsWith("No answer for");
    browser.complaints(); // Of requests nobody answered.
  }
}
