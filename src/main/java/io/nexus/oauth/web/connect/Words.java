package io.nexus.oauth.web.connect;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/**
 * The texts of the pages by key. {@code messages/words_<language>.properties} has them; a key that a language lacks is
 * shown in English.
 */
@MessageBundle(value = "words", locale = "en")
interface Words {

    // the start page

    @Message
    String homePurpose();

    @Message
    String homeNeedsLink();

    @Message
    String homeSignIn();

    // the page of a link

    @Message
    String connectTitle(String provider);

    @Message
    String connectAsks(String organisation, String provider);

    @Message
    String connectApplicationAsks(String provider);

    @Message
    String connectFor();

    @Message
    String connectMay(String organisation);

    @Message
    String connectApplicationMay();

    @Message
    String connectAlso(String provider);

    @Message
    String connectMayUnnamed(String provider);

    @Message
    String connectPassword(String provider);

    @Message
    String connectContinue(String provider);

    @Message
    String connectUnexpected();

    // scopes of OpenID Connect Core

    @Message
    String scopeOpenid();

    @Message
    String scopeProfile();

    @Message
    String scopeEmail();

    @Message
    String scopeAddress();

    @Message
    String scopePhone();

    @Message
    String scopeOfflineAccess();

    // the end of a session

    @Message
    String connectedTitle(String provider);

    @Message
    String connectedFor();

    @Message
    String connectedClose();

    @Message
    String popUpClose();

    @Message
    String failedTitle(String provider);

    @Message
    String what(SessionEnd end);

    @Message
    String next(SessionEnd end);

    @Message
    String againNext();

    @Message
    String tryAgain();

    @Message
    String code();

    @Message
    String pendingTitle();

    @Message
    String pendingWhat();

    @Message
    String pendingAgain();

    @Message
    String pendingLong();

    // pages without a session

    @Message
    String setupTitle();

    @Message
    String deadTitle(DeadEnd dead);

    @Message
    String deadWhat(DeadEnd dead);

    @Message
    String deadNext(DeadEnd dead);

    // the connections of a person

    @Message
    String accountsTitle();

    @Message
    String accountsUses(String organisation);

    @Message
    String accountsApplicationUses();

    @Message
    String accountsNone();

    @Message
    String accountsSince(String date);

    @Message
    String accountsBroken();

    @Message
    String accountsMay();

    @Message
    String accountsEnd();

    @Message
    String accountsAgain();

    @Message
    String accountsBack();

    @Message
    String accountsLeave();

    @Message
    String endTitle(String provider);

    @Message
    String endWhat();

    @Message
    String endYes();

    @Message
    String endNo();

    @Message
    String done(AccountRenderer.Done done);

    // whom to turn to

    @Message
    String helpContact();

    @Message
    String helpSender();
}
