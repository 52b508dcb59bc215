package org.rlarena.infra;

/**
 * Creates the suite's missing topics on any broker and ends: what a deployment runs before the
 * services, since brokers there do not create topics by themselves.
 *
 * <p>Arguments: the bootstrap servers, and optionally a prefix for every name. Exit status 2
 * without them.
 */
public final class TopicsMain {

  private TopicsMain() {}

  /** See the class. */
  public static void main(String[] arguments) {
    if (arguments.length < 1 || arguments.length > 2) {
      System.err.println("Usage: TopicsMain BOOTSTRAP_SERVERS [PREFIX]");
      System.exit(2);
    }
    String prefix = arguments.length == 2 ? arguments[1] : "";
    Topics.create(arguments[0], prefix);
    System.out.printf("%d topics are there%n", Topics.all().size());
  }
}
