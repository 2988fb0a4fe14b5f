using System.Data.Common;
using Microsoft.Extensions.Options;

namespace IotPlatform.Hosting;

/// <summary>Refuses settings that could not work, at start, by their names.</summary>
internal sealed class ClusterOptionsValidator : IValidateOptions<ClusterOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusterOptions options)
    {
        var failures = new List<string>();
        Require(options.ClusterId is { Length: > 0 and <= 150 }, "Cluster:ClusterId must have 1 to 150 characters.");
        Require(options.ServiceId is { Length: > 0 and <= 150 }, "Cluster:ServiceId must have 1 to 150 characters.");
        Require(options.ResponseTimeout >= TimeSpan.FromSeconds(1), "Cluster:ResponseTimeout must be at least one second.");
        Require(options.SiloListRefreshInterval >= TimeSpan.FromSeconds(1), "Cluster:SiloListRefreshInterval must be at least one second.");
        Require(options.ConnectionString is null || IsConnectionString(options.ConnectionString), "Cluster:ConnectionString must be a connection string for PostgreSQL (Host=...;Database=...).");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Require(bool isRight, string message)
        {
            if (!isRight)
            {
                failures.Add(message);
            }
        }
    }

    private static bool IsConnectionString(string text)
    {
        try
        {
            return new DbConnectionStringBuilder { ConnectionString = text }.ContainsKey("Host");
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
