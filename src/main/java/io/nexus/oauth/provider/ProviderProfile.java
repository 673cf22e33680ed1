package io.nexus.oauth.provider;

/** Placeholder of the skeleton. */
public record ProviderProfile(String id, String name) {}
