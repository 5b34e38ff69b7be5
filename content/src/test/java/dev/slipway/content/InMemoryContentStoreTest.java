package dev.slipway.content;

final class InMemoryContentStoreTest extends ContentStoreContract {
  private final InMemoryContentStore store = new InMemoryContentStore();

  @Override
  ContentStore store() {
    return store;
  }
}
