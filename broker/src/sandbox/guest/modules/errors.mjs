/** The error classes that scripts find as globals. */
class UnauthorizedError extends Error {
  constructor(message) {
    super(message);
    this.name = 'UnauthorizedError';
    this.code = 'unauthorized';
    this.statusCode = 401;
  }
}

class ValidationError extends Error {
  constructor(code, message) {
    super(message ?? code);
    this.name = 'ValidationError';
    this.code = code;
    this.statusCode = 400;
  }
}

class WrongUsernameOrPasswordError extends Error {
  constructor(user, message) {
    super(message ?? 'Wrong username or password');
    this.name = 'WrongUsernameOrPasswordError';
    this.code = 'invalid_user_password';
    this.user_id = user;
    this.statusCode = 401;
  }
}

export default { UnauthorizedError, ValidationError, WrongUsernameOrPasswordError };
