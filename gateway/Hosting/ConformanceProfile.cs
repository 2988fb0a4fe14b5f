using Microsoft.Extensions.Options;

namespace IotPlatform.Hosting;

/// <summary>
/// What the public interoperability suites of Eclipse Paho take for granted of a server (<c>Mqtt:Profile</c>): clients without a login that use any topic, a
/// topic that nobody may subscribe to, a keep-alive that the server sets, and refusals in codes alone. For tests only.
/// </summary>
internal sealed class ConformanceProfile : IPostConfigureOptions<GatewayOptions>
{
    public const string Name = "conformance";

    private static readonly TimeSpan KeepAliveMax = TimeSpan.FromSeconds(60);

    private static ReadOnlySpan<byte> DeniedFilter => "test/nosubscribe"u8;

    /// <summary>Whether nobody may subscribe to a filter. It is answered with 0x80, the one failure that both versions have and both suites want to see.</summary>
    public static bool Denies(GatewayOptions options, ReadOnlySpan<byte> filter) => options.Profile == Name && filter.SequenceEqual(DeniedFilter);

    public void PostConfigure(string? name, GatewayOptions options)
    {
        if (options.Profile == Name)
        {
            options.AllowAnonymous = true;
            options.FreeTopics = true;

            // The suites' clients can not read a PUBACK that has one.
            options.ReasonStrings = false;
            options.KeepAliveMax ??= KeepAliveMax;
        }
    }
}
