using IotPlatform.StatusEvents;

namespace IotPlatform.Storage;

/// <summary>The status events of one commit.</summary>
/// <param name="Position">Of its first event.</param>
/// <param name="Events">The events, as <see cref="StatusEventBuffer"/> writes them.</param>
public sealed record StatusEventPage(StatusEventPosition Position, byte[] Events);
