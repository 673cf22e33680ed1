package io.nexus.oauth.docs;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A page of the reference: a template with the hand-written text, and the generated parts that fill its places. */
interface Page {

    /** The name of the page and of its template, without an extension. */
    String name();

    /**
     * The generated parts by the names of their places.
     *
     * @param places the places of the template, in their order
     */
    Map<String, String> parts(List<String> places) throws IOException;
}
