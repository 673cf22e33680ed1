package io.nexus.oauth.credential;

/**
 * The database or the journal failed. The statement may still have taken effect unless {@link #isRefusal()}, because
 * its result may have been lost. The message has no SQL and no values.
 */
public final class StorageException extends RuntimeException {

    private final boolean refusal;

    private StorageException(String what, Throwable cause, boolean refusal) {
        super(what + " cannot be used: " + cause.getClass().getSimpleName(), cause);
        this.refusal = refusal;
    }

    /** {@code failure} as a storage failure, unless it is one already. */
    public static Throwable of(Throwable failure) {
        return failure instanceof StorageException ? failure : new StorageException("the database", failure, false);
    }

    /** As {@link #of}, for a statement that was never sent or that the database rejected with an error. */
    public static Throwable refused(Throwable failure) {
        return failure instanceof StorageException ? failure : new StorageException("the database", failure, true);
    }

    /** The journal could not write a record to the disk. */
    public static StorageException ofJournal(Throwable failure) {
        return failure instanceof StorageException known ? known : new StorageException("the journal", failure, false);
    }

    /** Whether the statement certainly had no effect. */
    public boolean isRefusal() {
        return refusal;
    }
}
