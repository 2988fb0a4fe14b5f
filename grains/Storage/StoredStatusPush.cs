using IotPlatform.StatusEvents;

namespace IotPlatform.Storage;

/// <summary>A push, and how far it has come.</summary>
/// <param name="Push">What it is.</param>
/// <param name="Position">The event up to which its URL has taken all.</param>
/// <param name="ParkedAt">When it was given up; null: it is not.</param>
/// <param name="Failure">Why.</param>
public sealed record StoredStatusPush(StatusPush Push, StatusEventPosition Position, DateTimeOffset? ParkedAt, string? Failure);
