using Microsoft.Extensions.Options;

namespace IotPlatform.Sessions;

/// <summary>Refuses settings that could not work, at start, by their names.</summary>
internal sealed class SessionOptionsValidator : IValidateOptions<SessionOptions>
{
    public ValidateOptionsResult Validate(string? name, SessionOptions options) =>
        options.OfflineMax < SessionShards.Count ? ValidateOptionsResult.Fail($"Sessions:OfflineMax must be at least {SessionShards.Count}.")
        : options.FiltersMax < SessionShards.Count ? ValidateOptionsResult.Fail($"Sessions:FiltersMax must be at least {SessionShards.Count}.")
        : ValidateOptionsResult.Success;
}
