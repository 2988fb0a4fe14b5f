using Microsoft.Extensions.Options;

namespace IotPlatform.StatusEvents;

/// <summary>Refuses settings that could not work, at start, by their names.</summary>
internal sealed class StatusPushOptionsValidator : IValidateOptions<StatusPushOptions>
{
    public ValidateOptionsResult Validate(string? name, StatusPushOptions options)
    {
        var failures = new List<string>();
        Require(options.PushesMax >= 0, "Messages:Push:PushesMax must not be negative.");
        Require(options.RequestsMax is > 0 and <= 256, "Messages:Push:RequestsMax must be 1 to 256.");
        Require(options.WaitingMax > 0, "Messages:Push:WaitingMax must be positive.");
        Require(options.Timeout > TimeSpan.Zero, "Messages:Push:Timeout must be positive.");
        Require(options.RetryMin > TimeSpan.Zero, "Messages:Push:RetryMin must be positive.");
        Require(options.RetryMax >= options.RetryMin, "Messages:Push:RetryMax must not be less than RetryMin.");
        Require(options.ParkAfter > TimeSpan.Zero, "Messages:Push:ParkAfter must be positive.");
        Require(options.PollInterval > TimeSpan.Zero, "Messages:Push:PollInterval must be positive.");
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
