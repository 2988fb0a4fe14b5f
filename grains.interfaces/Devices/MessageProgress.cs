using System.Collections.Immutable;

namespace IotPlatform.Devices;

/// <summary>How far a message has come.</summary>
/// <param name="Status">Where it stands.</param>
/// <param name="Attempts">How often it was written to a connection.</param>
/// <param name="Rounds">How many of its rounds of resending have begun.</param>
/// <param name="SentAt">First written to a connection.</param>
/// <param name="FinishedAt">Reached its final status.</param>
/// <param name="Reason">Why it ended as timed out or failed.</param>
/// <param name="ResentAt">Written to a connection again, each time; default: never.</param>
/// <param name="AcknowledgedLateAt">Acknowledged after it had ended as timed out or failed, which it stays.</param>
[GenerateSerializer, Immutable, Alias("iot.message-progress")]
public sealed record MessageProgress(
    [property: Id(0)] MessageStatus Status,
    [property: Id(1)] int Attempts,
    [property: Id(2)] int Rounds,
    [property: Id(3)] DateTimeOffset? SentAt,
    [property: Id(4)] DateTimeOffset? FinishedAt,
    [property: Id(5)] string? Reason,
    [property: Id(6)] ImmutableArray<DateTimeOffset> ResentAt = default,
    [property: Id(7)] DateTimeOffset? AcknowledgedLateAt = null)
{
    /// <summary>Where every message begins.</summary>
    public static MessageProgress Accepted { get; } = new(MessageStatus.Pending, 0, 0, null, null, null);

    /// <summary>Whether nothing more will happen to it.</summary>
    public bool IsFinal => Status is not (MessageStatus.Pending or MessageStatus.Sent);
}
