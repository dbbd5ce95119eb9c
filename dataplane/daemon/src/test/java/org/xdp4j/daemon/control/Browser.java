package org.xdp4j.daemon.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xdp4j.daemon.control.json.JsonException;
import org.xdp4j.daemon.control.json.JsonReader;
import org.xdp4j.daemon.control.json.JsonWriter;

/** A real browser without a window, driven over WebDriver (W3C), with a profile of its own. */
final class Browser implements AutoCloseable {
  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final Pattern PORT = Pattern.compile("on port (\\d+)");

  private final Process driver;
  private final URI base;
  private final HttpClient http;
  private String session;

  private Browser(Process driver, int port) {
    this.driver = driver;
    this.base = URI.create("http://127.0.0.1:" + port + "/");
    this.http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
  }

  /** Why there is none; null when there is. */
  static String missing() {
    return Files.isExecutable(DRIVER) && Files.isExecutable(CHROMIUM)
        ? null
        : "chromium and chromium-driver are not installed";
  }

  static Browser start(Path profile) throws Exception {
    Process process =
        new ProcessBuilder(DRIVER.toString(), "--port=0").redirectErrorStream(true).start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      Matcher port = PORT.matcher(line);
      if (line.contains("started successfully") && port.find()) {
        Thread.ofPlatform().daemon().start(() -> out.lines().forEach(rest -> {}));
        Browser browser = new Browser(process, Integer.parseInt(port.group(1)));
        browser.open(profile);
        return browser;
      }
    }
    process.destroyForcibly();
    throw new IOException("chromedriver did not start");
  }

  private void open(Path profile) throws Exception {
    List<String> arguments =
        List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--user-data-dir=" + profile);
    Map<String, Object> chrome = new LinkedHashMap<>();
    chrome.put("binary", CHROMIUM.toString());
    chrome.put("args", arguments);
    Map<String, Object> capabilities = new LinkedHashMap<>();
    capabilities.put("browserName", "chrome");
    capabilities.put("goog:chromeOptions", chrome);
    capabilities.put("goog:loggingPrefs", Map.of("browser", "ALL"));
    Map<?, ?> value =
        (Map<?, ?>)
            send("POST", "session", Map.of("capabilities", Map.of("alwaysMatch", capabilities)));
    session = "session/" + value.get("sessionId") + "/";
  }

  private Object send(String method, String path, Map<String, ?> body)
      throws IOException, InterruptedException, JsonException {
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve(path))
            .timeout(Duration.ofSeconds(60))
            .header("Content-Type", "application/json")
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(JsonWriter.bytes(body)))
            .build();
    HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    Object value = JsonReader.readObject(response.body()).get("value");
    if (response.statusCode() != 200) {
      throw new IOException(path + ": " + value);
    }
    return value;
  }

  void go(String url) throws Exception {
    send("POST", session + "url", Map.of("url", url));
  }

  /** Runs a script; {@code return} gives its value. */
  Object run(String script) throws Exception {
    return send("POST", session + "execute/sync", Map.of("script", script, "args", List.of()));
  }

  /** Waits until a script's value is true. */
  void await(String condition) throws Exception {
    for (int i = 0; i < 200; i++) {
      if (Boolean.TRUE.equals(run("return !!(" + condition + ")"))) {
        return;
      }
      Thread.sleep(50);
    }
    throw new AssertionError(
        "never true: " + condition + "; " + run("return document.body.innerText"));
  }

  String text(String selector) throws Exception {
    return String.valueOf(run("return document.querySelector('" + selector + "').textContent"));
  }

  void size(int width, int height) throws Exception {
    // The size of the page itself, which a window without a frame has no other way to get.
    Map<String, Object> metrics = new LinkedHashMap<>();
    metrics.put("width", width);
    metrics.put("height", height);
    metrics.put("deviceScaleFactor", 1);
    metrics.put("mobile", false);
    command("Emulation.setDeviceMetricsOverride", metrics);
  }

  void dark(boolean dark) throws Exception {
    Map<String, Object> feature = new LinkedHashMap<>();
    feature.put("name", "prefers-color-scheme");
    feature.put("value", dark ? "dark" : "light");
    command("Emulation.setEmulatedMedia", Map.of("features", List.of(feature)));
  }

  private void command(String name, Map<String, ?> parameters) throws Exception {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("cmd", name);
    body.put("params", parameters);
    send("POST", session + "goog/cdp/execute", body);
  }

  void screenshot(Path file) throws Exception {
    Files.createDirectories(file.getParent());
    String data = String.valueOf(send("GET", session + "screenshot", null));
    Files.write(file, Base64.getDecoder().decode(data));
  }

  /** What the browser complained of. */
  List<?> complaints() throws Exception {
    return (List<?>) send("POST", session + "se/log", Map.of("type", "browser"));
  }

  @Override
  public void close() throws IOException {
    try {
      if (session != null) {
        send("DELETE", session.substring(0, session.length() - 1), null);
      }
      driver.descendants().forEach(ProcessHandle::destroy);
      driver.destroy();
      driver.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException | JsonException e) {
      driver.destroyForcibly();
      throw new IOException(e);
    } finally {
      http.close();
    }
  }
}
