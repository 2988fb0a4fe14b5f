using System.Collections.Immutable;

namespace IotPlatform.Devices;

/// <summary>A message to be sent to one device.</summary>
/// <param name="MessageId">The caller's own id, or null for one made here.</param>
/// <param name="Name">For the caller's bookkeeping.</param>
/// <param name="Payload">What the device gets.</param>
/// <param name="Topic">Null for the device's own message topic, which needs no subscription.</param>
/// <param name="QoS">0 or 1.</param>
/// <param name="TimeToLive">After which it ends as timed out; zero: delivered now or failed.</param>
[GenerateSerializer, Immutable, Alias("iot.send-device-message")]
public sealed record SendDeviceMessage(
    [property: Id(0)] string? MessageId,
    [property: Id(1)] string Name,
    [property: Id(2)] ReadOnlyMemory<byte> Payload,
    [property: Id(3)] string? Topic,
    [property: Id(4)] int QoS,
    [property: Id(5)] TimeSpan TimeToLive);

/// <summary>A message to one device, with its life so far.</summary>
/// <param name="Device">The device.</param>
/// <param name="MessageId">Unique by device.</param>
/// <param name="Sequence">Its place in the order of the device's messages.</param>
/// <param name="Name">For the caller's bookkeeping.</param>
/// <param name="Payload">What the device gets.</param>
/// <param name="Topic">The topic it goes out on.</param>
/// <param name="NeedsSubscription">Whether the device gets it only while subscribed to the topic.</param>
/// <param name="QoS">0 or 1.</param>
/// <param name="CreatedAt">When it was accepted.</param>
/// <param name="ExpiresAt">When its time to live ends it.</param>
/// <param name="Progress">How far it has come.</param>
[GenerateSerializer, Immutable, Alias("iot.device-message")]
public sealed record DeviceMessage(
    [property: Id(0)] DeviceId Device,
    [property: Id(1)] string MessageId,
    [property: Id(2)] long Sequence,
    [property: Id(3)] string Name,
    [property: Id(4)] ReadOnlyMemory<byte> Payload,
    [property: Id(5)] string Topic,
    [property: Id(6)] bool NeedsSubscription,
    [property: Id(7)] int QoS,
    [property: Id(8)] DateTimeOffset CreatedAt,
    [property: Id(9)] DateTimeOffset ExpiresAt,
    [property: Id(10)] MessageProgress Progress)
{
    /// <summary>Whether the same request made this message: then a repeated call is answered with it.</summary>
    public bool IsSameAs(DeviceMessage other) =>
        Name == other.Name
        && Topic == other.Topic
        && QoS == other.QoS
        && ExpiresAt - CreatedAt == other.ExpiresAt - other.CreatedAt
        && Payload.Span.SequenceEqual(other.Payload.Span);
}

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

/// <summary>Where a message stands.</summary>
[GenerateSerializer, Alias("iot.message-status")]
public enum MessageStatus
{
    /// <summary>Durable; waits for the device.</summary>
    Pending = 1,

    /// <summary>Written to the device's connection, not acknowledged.</summary>
    Sent = 2,

    /// <summary>QoS 0: written. QoS 1: acknowledged.</summary>
    Delivered = 3,

    /// <summary>Its time to live passed, or every retry did.</summary>
    TimedOut = 4,

    /// <summary>It can not be delivered.</summary>
    Failed = 5,
}

/// <summary>Asks for a page of a device's messages, newest first.</summary>
/// <param name="Status">Only those, or all.</param>
/// <param name="PageSize">At most so many.</param>
/// <param name="BeforeSequence">Only older ones than that; null for the first page.</param>
[GenerateSerializer, Immutable, Alias("iot.list-device-messages")]
public sealed record ListDeviceMessages(
    [property: Id(0)] MessageStatus? Status, [property: Id(1)] int PageSize, [property: Id(2)] long? BeforeSequence);

/// <summary>A page of a device's messages.</summary>
/// <param name="Messages">Newest first.</param>
/// <param name="NextBeforeSequence">Asks for the next page; null on the last.</param>
[GenerateSerializer, Immutable, Alias("iot.device-message-page")]
public sealed record DeviceMessagePage([property: Id(0)] ImmutableArray<DeviceMessage> Messages, [property: Id(1)] long? NextBeforeSequence);
