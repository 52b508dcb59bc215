package org.rlarena.rating.directory;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;
import org.hibernate.annotations.Immutable;

/** A user's name as auth-service last told it. Written by {@link Directory} alone. */
@Entity
@Immutable
@Table(name = "known_user")
public class KnownUser {

  @Id UUID id;
  String username;
  boolean deleted;

  protected KnownUser() {}
}
