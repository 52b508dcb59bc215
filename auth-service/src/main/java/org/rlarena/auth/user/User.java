package org.rlarena.auth.user;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.rlarena.auth.token.Holder;

/**
 * An account. Every change that others must learn of takes the next {@link #sequence}, under the
 * row's lock. A deleted account keeps its row and id; its personal data is overwritten.
 */
@Entity
@Table(name = "users")
public class User {

  /** What an account may do. */
  public enum Status {
    ACTIVE,
    BANNED,
    DELETED
  }

  static final String USER = "user";
  static final String ADMIN = "admin";

  @Id private UUID id;
  private String username;
  private String email;

  @Column(name = "password_hash")
  private String passwordHash;

  @Column(name = "full_name")
  private String fullName;

  @Column(name = "avatar_url")
  private String avatarUrl;

  private String role;

  @Enumerated(EnumType.STRING)
  private Status status;

  @Column(name = "tokens_valid_from")
  private Instant tokensValidFrom;

  private long sequence;

  @Column(name = "created_at")
  private Instant createdAt;

  @Column(name = "updated_at")
  private Instant updatedAt;

  protected User() {}

  /** A new account. */
  User(
      String username,
      String email,
      String passwordHash,
      String fullName,
      String role,
      Instant now) {
    this.id = UUID.randomUUID();
    this.username = username;
    this.email = email;
    this.passwordHash = passwordHash;
    this.fullName = fullName;
    this.role = role;
    this.status = Status.ACTIVE;
    this.sequence = 1;
    this.createdAt = now.truncatedTo(ChronoUnit.MICROS);
    this.updatedAt = createdAt;
    this.tokensValidFrom = now.truncatedTo(ChronoUnit.SECONDS);
  }

  /** Overwrites what the profile shows; others do not need to know. */
  void describe(String newFullName, String newAvatarUrl, Instant now) {
    fullName = newFullName;
    avatarUrl = newAvatarUrl;
    updatedAt = now.truncatedTo(ChronoUnit.MICROS);
  }

  /** Takes the next sequence number for an event about this account. */
  void changed(Instant now) {
    sequence++;
    updatedAt = now.truncatedTo(ChronoUnit.MICROS);
  }

  /** Takes another password; tokens from before now are worth nothing. */
  void changePassword(String newHash, Instant now) {
    changed(now);
    passwordHash = newHash;
    endTokens(now);
  }

  /** Takes another name. */
  void rename(String newUsername, Instant now) {
    changed(now);
    username = newUsername;
  }

  /** Takes another address; others do not know it, so there is nothing to tell them. */
  void moveTo(String newEmail, Instant now) {
    email = newEmail;
    updatedAt = now.truncatedTo(ChronoUnit.MICROS);
  }

  /** Takes the right to act; what was issued before stays worthless after a pardon. */
  void ban(Instant now) {
    changed(now);
    status = Status.BANNED;
    endTokens(now);
  }

  /** Gives the right to act back. */
  void unban(Instant now) {
    changed(now);
    status = Status.ACTIVE;
  }

  /** Takes another role; tokens that still say the old one are worth nothing. */
  void become(String newRole, Instant now) {
    changed(now);
    role = newRole;
    endTokens(now);
  }

  /** Ends every token without taking the right to get new ones. */
  void endSessions(Instant now) {
    changed(now);
    endTokens(now);
  }

  private void endTokens(Instant now) {
    // what a token says of its time of issue counts whole seconds
    tokensValidFrom = now.truncatedTo(ChronoUnit.SECONDS);
  }

  /** Ends the account and forgets the person; name and address become free again. */
  void delete(Instant now) {
    changed(now);
    status = Status.DELETED;
    username = "deleted-" + id;
    email = "deleted-" + id;
    fullName = "";
    avatarUrl = null;
    passwordHash = "";
    endTokens(now);
  }

  /** As its tokens name it. */
  Holder holder() {
    return new Holder(id, username, email, role);
  }

  boolean isActive() {
    return status == Status.ACTIVE;
  }

  UUID id() {
    return id;
  }

  String username() {
    return username;
  }

  String email() {
    return email;
  }

  String passwordHash() {
    return passwordHash;
  }

  String fullName() {
    return fullName;
  }

  String avatarUrl() {
    return avatarUrl;
  }

  String role() {
    return role;
  }

  Status status() {
    return status;
  }

  Instant tokensValidFrom() {
    return tokensValidFrom;
  }

  long sequence() {
    return sequence;
  }

  Instant createdAt() {
    return createdAt;
  }

  Instant updatedAt() {
    return updatedAt;
  }
}
