package org.xdp4j.daemon.control.api;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.text.ProgramPlace;
import org.xdp4j.bpf.text.TextException;
import org.xdp4j.daemon.control.http.Problem;
import org.xdp4j.daemon.control.http.Reply;
import org.xdp4j.daemon.control.http.Request;
import org.xdp4j.daemon.control.http.Route;
import org.xdp4j.daemon.control.view.Dataplane;
import org.xdp4j.daemon.control.view.DataplaneException;
import org.xdp4j.daemon.control.view.MapHandle;

/** Maps: looked into and written, typed by their BTF as {@code replay --map} is. */
final class MapRoutes {
  private static final String ENTRY = "/v1/maps/{map}/entry";
  private static final String ENTRIES = "/v1/maps/{map}/entries";
  private static final int PAGE = 1000;

  private final Dataplane dataplane;

  MapRoutes(Dataplane dataplane) {
    this.dataplane = dataplane;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v1/maps", this::list),
        Route.get("/v1/maps/{map}", request -> Reply.json(MapInfo.of(find(request)))),
        Route.get(ENTRIES, request -> held(request, this::entries), "limit", "offset"),
        Route.post(ENTRIES, request -> held(request, this::batch)),
        Route.get(ENTRY, request -> held(request, this::entry), "key"),
        Route.put(ENTRY, request -> held(request, this::put)).body(Route.JSON_BODY, "key", "flags"),
        Route.delete(ENTRY, request -> held(request, this::remove), "key"));
  }

  private interface Use {
    Reply use(Request request, MapHandle handle) throws Problem;
  }

  /** Answers with a map that is not freed meanwhile, even when its program is detached. */
  private Reply held(Request request, Use use) throws Problem {
    MapHandle handle = find(request);
    try {
      handle.map().hold();
    } catch (IllegalStateException freed) {
      throw Problem.missing("map " + handle.name() + " is gone just now");
    }
    try {
      return use.use(request, handle);
    } finally {
      handle.map().release();
    }
  }

  private Reply list(Request request) {
    return Reply.json(dataplane.maps().stream().map(MapInfo::of).toList());
  }

  /** The map that the path names, by its name, as PROGRAM:NAME, or by its id. */
  private MapHandle find(Request request) throws Problem {
    String name = request.variable("map");
    List<MapHandle> all = dataplane.maps();
    List<MapHandle> found = all.stream().filter(m -> m.name().equals(name)).toList();
    int colon = name.indexOf(':');
    if (found.isEmpty() && colon > 0) {
      found =
          all.stream()
              .filter(m -> m.program().equals(name.substring(0, colon)))
              .filter(m -> m.name().equals(name.substring(colon + 1)))
              .toList();
    }
    if (found.isEmpty()) {
      found = all.stream().filter(m -> String.valueOf(m.map().id()).equals(name)).limit(1).toList();
    }
    if (found.stream().map(MapHandle::map).distinct().count() > 1) {
      throw Problem.conflict(
          "several maps are called "
              + name
              + "; say which: "
              + found.stream()
                  .map(m -> m.program() + ":" + name + " (id " + m.map().id() + ")")
                  .collect(Collectors.joining(", ")));
    }
    if (found.isEmpty()) {
      throw Problem.missing(
          "there is no map '"
              + name
              + "'"
              + (all.isEmpty()
                  ? ", nor any other"
                  : "; there are "
                      + all.stream().map(MapHandle::name).collect(Collectors.joining(", "))));
    }
    return found.getFirst();
  }

  /** The map of this name that the same program has; else the only one there is; or null. */
  private BpfMap inner(String name, MapHandle holder) {
    List<MapHandle> named =
        dataplane.maps().stream().filter(map -> map.name().equals(name)).toList();
    List<BpfMap> own =
        named.stream()
            .filter(map -> map.program().equals(holder.program()))
            .map(MapHandle::map)
            .toList();
    List<BpfMap> any = named.stream().map(MapHandle::map).distinct().toList();
    return !own.isEmpty() ? own.getFirst() : any.size() == 1 ? any.getFirst() : null;
  }

  private Reply entries(Request request, MapHandle handle) throws Problem {
    MapContents contents = new MapContents(handle);
    long offset = request.number("offset", 0, Integer.MAX_VALUE, 0);
    boolean lines = request.accepts(Reply.JSON_LINES);
    long limit = request.number("limit", 1, Integer.MAX_VALUE, lines ? Integer.MAX_VALUE : PAGE);
    Iterator<MapContents.Entry> from = contents.entries(offset);
    if (lines) {
      BpfMap map = handle.map().hold();
      return Reply.lines(limited(from, limit), map::release);
    }
    List<MapContents.Entry> page = new ArrayList<>();
    limited(from, Math.min(limit, 10L * PAGE)).forEachRemaining(page::add);
    Map<String, Object> reply = new LinkedHashMap<>();
    reply.put("map", MapInfo.of(handle));
    reply.put("entries", page);
    reply.put("next", from.hasNext() ? offset + page.size() : null);
    return Reply.json(reply);
  }

  private static <T> Iterator<T> limited(Iterator<T> values, long limit) {
    return new Iterator<>() {
      private long left = limit;

      @Override
      public boolean hasNext() {
        return left > 0 && values.hasNext();
      }

      @Override
      public T next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        left--;
        return values.next();
      }
    };
  }

  private Reply entry(Request request, MapHandle handle) throws Problem {
    String key = request.required("key");
    MapContents contents = new MapContents(handle);
    try {
      MapContents.Entry entry = contents.read(contents.key(key));
      if (entry == null) {
        throw Problem.missing("map " + handle.name() + " has no entry for key " + key);
      }
      return Reply.json(entry);
    } catch (TextException e) {
      throw Problem.refused(e.getMessage());
    }
  }

  private Reply put(Request request, MapHandle handle) throws Problem {
    String key = request.required("key");
    long flags = flags(request.text("flags"));
    String value = Bodies.text(Bodies.only(request.json(), "value"), "value");
    if (value == null) {
      throw Problem.bad("the member 'value' is missing");
    }
    if (holdsProgram(handle, key + "=" + value)) {
      if (flags != BpfMap.ANY) {
        throw Problem.bad("the parameter flags is any where a program is put into a map");
      }
      putPrograms(handle, List.of(key + "=" + value));
      return Reply.done();
    }
    try {
      MapContents contents =
          new MapContents(handle, dataplane.devicePorts(), name -> inner(name, handle));
      contents.write(contents.change(key, value), flags);
      return Reply.done();
    } catch (TextException e) {
      throw Problem.refused(e.getMessage());
    }
  }

  private static boolean holdsProgram(MapHandle handle, String entries) {
    return ProgramPlace.isHeldBy(handle.spec()) && ProgramPlace.isIn(handle.spec(), entries);
  }

  private void putPrograms(MapHandle handle, List<String> entries) throws Problem {
    try {
      dataplane.putPrograms(handle, String.join(",", entries));
    } catch (DataplaneException e) {
      throw ProgramRoutes.no(e);
    }
  }

  private static long flags(String text) throws Problem {
    return switch (text) {
      case null -> BpfMap.ANY;
      case "any" -> BpfMap.ANY;
      case "noexist" -> BpfMap.NOEXIST;
      case "exist" -> BpfMap.EXIST;
      default -> throw Problem.bad("the parameter flags is any, noexist or exist, not " + text);
    };
  }

  private Reply remove(Request request, MapHandle handle) throws Problem {
    String key = request.required("key");
    try {
      MapContents contents = new MapContents(handle);
      if (!contents.remove(contents.key(key))) {
        throw Problem.missing("map " + handle.name() + " has no entry for key " + key);
      }
      return Reply.done();
    } catch (TextException e) {
      throw Problem.refused(e.getMessage());
    }
  }

  /** All of a batch is read and checked before any of it is done. */
  private Reply batch(Request request, MapHandle handle) throws Problem {
    Map<String, Object> body = Bodies.only(request.json(), "set", "delete");
    List<String> set = Bodies.texts(body, "set");
    List<String> delete = Bodies.texts(body, "delete");
    if (set.isEmpty() && delete.isEmpty()) {
      throw Problem.bad("the batch is empty: it has neither 'set' nor 'delete'");
    }
    List<String> programs = set.stream().filter(text -> holdsProgram(handle, text)).toList();
    MapContents contents =
        new MapContents(handle, dataplane.devicePorts(), name -> inner(name, handle));
    int done = 0;
    try {
      List<MapContents.Change> changes = new ArrayList<>();
      for (String text : set) {
        if (!programs.contains(text)) {
          changes.addAll(contents.changes(text));
        }
      }
      List<byte[]> removals = new ArrayList<>();
      for (String key : delete) {
        removals.add(contents.key(key));
      }
      if (!programs.isEmpty()) {
        putPrograms(handle, programs);
        done += programs.size();
      }
      for (MapContents.Change change : changes) {
        contents.write(change, BpfMap.ANY);
        done++;
      }
      int removed = 0;
      for (byte[] key : removals) {
        removed += contents.remove(key) ? 1 : 0;
      }
      Map<String, Object> reply = new LinkedHashMap<>();
      reply.put("set", programs.size() + changes.size());
      reply.put("deleted", removed);
      return Reply.json(reply);
    } catch (TextException e) {
      String before = done == 0 ? "nothing was changed" : done + " entries before it were set";
      throw Problem.refused(e.getMessage() + " (" + before + ")");
    }
  }
}
