using System.Net;
using Microsoft.Extensions.Options;

namespace IotPlatform.Hosting;

/// <summary>Refuses settings that could not work, at start, by their names.</summary>
internal sealed class SiloOptionsValidator(IOptions<ClusterOptions> cluster) : IValidateOptions<SiloOptions>
{
    public ValidateOptionsResult Validate(string? name, SiloOptions options)
    {
        var failures = new List<string>();
        Require(cluster.Value.ConnectionString is not null, "Cluster:ConnectionString is not set: a silo needs the database of its cluster.");
        Require(options.Port is > 0 and <= ushort.MaxValue, "Silo:Port must be 1 to 65535.");
        Require(options.GatewayPort is > 0 and <= ushort.MaxValue, "Silo:GatewayPort must be 1 to 65535.");
        Require(options.GatewayPort != options.Port, "Silo:GatewayPort must differ from Silo:Port.");
        Require(options.AdvertisedAddress is null || IPAddress.TryParse(options.AdvertisedAddress, out _), "Silo:AdvertisedAddress must be an IP address.");
        Require(options.CollectionAge >= TimeSpan.FromMinutes(2), "Silo:CollectionAge must be at least two minutes.");
        Require(options.WaitingCallsMax > 0, "Silo:WaitingCallsMax must be positive.");
        Require(options.ProbeInterval >= TimeSpan.FromMilliseconds(200), "Silo:ProbeInterval must be at least 200 ms.");
        Require(options.ShutdownTimeout > TimeSpan.Zero, "Silo:ShutdownTimeout must be positive.");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Require(bool isRight, string message)
        {
            if (!isRight)
            {
                failures.Add(message);
            }
        }
    }
}
