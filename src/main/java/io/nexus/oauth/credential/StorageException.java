package io.nexus.oauth.credential;

/**
 * The database, or the journal beside it, did not do what was asked. It may have happened all the same, unless {@link #isRefusal()}: a
 * statement whose answer was lost is not known to have failed. Carries no SQL and no values.
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

    /** As {@link #of} for a statement that was never sent, or that the database answered with an error. */
    public static Throwable refused(Throwable failure) {
        return failure instanceof StorageException ? failure : new StorageException("the database", failure, true);
    }

    /** The disk did not take a journal record. */
    public static StorageException ofJournal(Throwable failure) {
        return failure instanceof StorageException known ? known : new StorageException("the journal", failure, false);
    }

    /** Whether what was asked has certainly not happened. */
    public boolean isRefusal() {
        return refusal;
    }
}
