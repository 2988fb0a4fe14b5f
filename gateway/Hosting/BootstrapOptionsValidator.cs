using Microsoft.Extensions.Options;

namespace IotPlatform.Hosting;

/// <summary>Refuses settings that could not work, at start, by their names.</summary>
internal sealed class BootstrapOptionsValidator(IOptions<ClusterOptions> cluster) : IValidateOptions<BootstrapOptions>
{
    public ValidateOptionsResult Validate(string? name, BootstrapOptions options) =>
        options.AdminKey is { } key && !AdminKey.HasRightLength(key) ? ValidateOptionsResult.Fail(AdminKey.LengthRule)
        : options.AdminKey is null && cluster.Value.ConnectionString is not null
            ? ValidateOptionsResult.Fail("Bootstrap:AdminKey must be set in a cluster: every gateway must have the same.")
        : ValidateOptionsResult.Success;
}
