
namespace IotPlatform.Devices;

/// <summary>How far a message has come.</summary>
/// <param name="Status">Where it stands.</param>
/// <param name="Attempts">How often it was written to a connection.</param>
/// <param name="Rounds">How many of its rounds of resending have begun.</param>
/// <param name="SentAt">First written to a connection.</param>
/// <param name="FinishedAt">Reached its final status.</param>
/// <param name="Reason">Why it ended as timed out or failed.</param>
[GenerateSerializer, Immutable, Alias("iot.message-progress")]
public sealed record MessageProgress(
    [property: Id(0)] MessageStatus Status,
    [property: Id(1)] int Attempts,
    [property: Id(2)] int Rounds,
    [property: Id(3)] DateTimeOffset? SentAt,
    [property: Id(4)] DateTimeOffset? FinishedAt,
    [property: Id(5)] string? Reason)
{
    /// <summary>Where every message begins.</summary>
    public static MessageProgress Accepted { get; } = new(MessageStatus.Pending, 0, 0, null, null, null);

    /// <summary>Whether nothing more will happen to it.</summary>
    public bool IsFinal => Status is not (MessageStatus.Pending or MessageStatus.Sent);
}
