using Microsoft.Extensions.Options;

namespace IotPlatform.Broadcasts;

/// <summary>Refuses settings that could not work, at start, by their names.</summary>
internal sealed class BroadcastOptionsValidator : IValidateOptions<BroadcastOptions>
{
    public ValidateOptionsResult Validate(string? name, BroadcastOptions options) =>
        options.RunningPerProductMax <= 0 ? ValidateOptionsResult.Fail("Broadcasts:RunningPerProductMax must be positive.")
        : options.LastingPerProductMax <= 0 ? ValidateOptionsResult.Fail("Broadcasts:LastingPerProductMax must be positive.")
        : options.CallsPerMinute < 0 ? ValidateOptionsResult.Fail("Broadcasts:CallsPerMinute must not be negative.")
        : options.AcknowledgementTime <= TimeSpan.Zero ? ValidateOptionsResult.Fail("Broadcasts:AcknowledgementTime must be positive.")
        : options.ReceiptRetention <= TimeSpan.Zero ? ValidateOptionsResult.Fail("Broadcasts:ReceiptRetention must be positive.")
        : options.ReceiptsPerProductMax <= 0 ? ValidateOptionsResult.Fail("Broadcasts:ReceiptsPerProductMax must be positive.")
        : ValidateOptionsResult.Success;
}
