package org.rlarena.auth.user;

import jakarta.validation.Constraint;
import jakarta.validation.Payload;
import jakarta.validation.ReportAsSingleViolation;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** 3 to 50 letters, digits, spaces, {@code . _ -}; begins with a letter or digit. */
@NotBlank
@Size(min = 3, max = 50)
@Pattern(regexp = "[\\p{L}\\p{N}]([\\p{L}\\p{N} ._-]*[\\p{L}\\p{N}._-])?")
@ReportAsSingleViolation
@Constraint(validatedBy = {})
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.FIELD, ElementType.PARAMETER, ElementType.METHOD})
@interface Username {

  /** What a caller is told. */
  String message() default
      "must have 3 to 50 letters, digits, spaces, . _ - and begin with a letter or digit";

  /** Of Bean Validation; unused. */
  Class<?>[] groups() default {};

  /** Of Bean Validation; unused. */
  Class<? extends Payload>[] payload() default {};
}
