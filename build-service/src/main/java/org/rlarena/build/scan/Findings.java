package org.rlarena.build.scan;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Gathers findings; a weakness of a package that lies at several places counts once. */
final class Findings {

  /** The worst first, those that can be mended before others, then by name. */
  private static final Comparator<Finding> WORST_FIRST =
      Comparator.comparing(Finding::severity)
          .reversed()
          .thenComparing(finding -> finding.fixed().isEmpty())
          .thenComparing(Finding::packageName)
          .thenComparing(Finding::id);

  private final Map<Key, Finding> all = new LinkedHashMap<>();

  private record Key(String id, String packageName, String installed) {}

  void add(Finding finding) {
    Key key = new Key(finding.id(), Names.normal(finding.packageName()), finding.installed());
    // what is the author's as well as the platform's is the author's
    all.merge(key, finding, (known, other) -> known.platform() ? other : known);
  }

  List<Finding> all() {
    return all.values().stream().sorted(WORST_FIRST).toList();
  }
}
