using IotPlatform.Hosting;
using IotPlatform.Limits;

namespace IotPlatform.Sessions;

/// <summary>How much one client publishes. Exists only where that is limited. A publish is never judged before it is there, so it may be owed for.</summary>
internal sealed class PublishRate
{
    private readonly TimeProvider _time;
    private readonly Rate? _messages;
    private readonly Rate? _bytes;
    private TokenBucket _messagesLeft;
    private TokenBucket _bytesLeft;

    private PublishRate(Rate? messages, Rate? bytes, TimeProvider time)
    {
        (_messages, _bytes, _time) = (messages, bytes, time);
        _messagesLeft = new TokenBucket(messages ?? default, Now);
        _bytesLeft = new TokenBucket(bytes ?? default, Now);
    }

    private double Now => TokenBucket.NowOf(_time);

    /// <returns>Null where nothing is limited.</returns>
    public static PublishRate? Of(ClientOptions options, TimeProvider time)
    {
        var messages = Rate.Of(options.PublishesPerSecond, options.PublishesBurst);
        var bytes = Rate.Of(options.PublishBytesPerSecond, options.PublishBytesBurst);
        return messages is null && bytes is null ? null : new PublishRate(messages, bytes, time);
    }

    /// <summary>The client has published.</summary>
    /// <param name="packetBytes">The size of the packet.</param>
    /// <returns>For how long it should not publish again; zero or less: it is within its rate.</returns>
    public TimeSpan Take(int packetBytes)
    {
        var messages = _messages is { } messageRate ? _messagesLeft.Owe(messageRate, 1, Now) : 0;
        var bytes = _bytes is { } byteRate ? _bytesLeft.Owe(byteRate, packetBytes, Now) : 0;
        return TimeSpan.FromSeconds(Math.Max(messages, bytes));
    }
}
