using Microsoft.Extensions.Options;

namespace IotPlatform.Hosting;

/// <summary>Refuses settings that could not work, at start, by their names.</summary>
internal sealed class SendOptionsValidator : IValidateOptions<SendOptions>
{
    public ValidateOptionsResult Validate(string? name, SendOptions options) =>
        options.SendsPerSecondPerProduct < 0 ? ValidateOptionsResult.Fail("Messages:SendsPerSecondPerProduct must not be negative.")
        : options.SendsBurstPerProduct <= 0 ? ValidateOptionsResult.Fail("Messages:SendsBurstPerProduct must be positive, or left out.")
        : options.SendsPerSecondPerCaller < 0 ? ValidateOptionsResult.Fail("Messages:SendsPerSecondPerCaller must not be negative.")
        : options.SendsBurstPerCaller <= 0 ? ValidateOptionsResult.Fail("Messages:SendsBurstPerCaller must be positive, or left out.")
        : options.UnderWayPerStreamMax is <= 0 or > 100_000 ? ValidateOptionsResult.Fail("Messages:UnderWayPerStreamMax must be 1 to 100000.")
        : options.UnderWayBytesPerStreamMax <= 0 ? ValidateOptionsResult.Fail("Messages:UnderWayBytesPerStreamMax must be positive.")
        : ValidateOptionsResult.Success;
}
