using IotPlatform.Routing;
using IotPlatform.Sessions;

namespace IotPlatform.Hosting;

/// <summary>What one client may do. Null is unlimited. Section <c>Mqtt:Client</c>.</summary>
public sealed class ClientOptions
{
    /// <summary>
    /// Bytes of a client id; a longer one is refused with 0x85, in 3.1.1 with code 2. Default 1,024: what the dialects of others write into it has a few hundred.
    /// </summary>
    public int ClientIdBytesMax { get; set; } = 1024;

    /// <summary>
    /// Bytes of a topic name or filter. A longer topic name is refused with 0x90, a longer filter with 0x8F; in 3.1.1 as <see cref="RefusedPublish"/> says, and with
    /// 0x80. Default 4,096.
    /// </summary>
    public int TopicBytesMax { get; set; } = 4096;

    /// <summary>Levels of a topic name or filter, 1 to 128; refused as longer ones are. Default 128.</summary>
    public int TopicLevelsMax { get; set; } = 128;

    /// <summary>What becomes of a 3.1.1 client's publish that is refused: <c>Drop</c> or <c>Close</c>; counted either way. Default Drop.</summary>
    public RefusedPublishAction RefusedPublish { get; set; } = RefusedPublishAction.Drop;

    /// <summary>PUBLISH packets in a second, in the long run. Default: unlimited.</summary>
    public int? PublishesPerSecond { get; set; }

    /// <summary>PUBLISH packets at once. Default: as many as in a second.</summary>
    public int? PublishesBurst { get; set; }

    /// <summary>Bytes of PUBLISH packets in a second, in the long run. Default: unlimited.</summary>
    public int? PublishBytesPerSecond { get; set; }

    /// <summary>Bytes of PUBLISH packets at once. Default: as many as in a second.</summary>
    public int? PublishBytesBurst { get; set; }

    /// <summary>What becomes of a client that publishes more: <c>Delay</c> or <c>Disconnect</c>; counted either way. Default Delay.</summary>
    public RateExceededAction RateExceeded { get; set; } = RateExceededAction.Delay;
}
