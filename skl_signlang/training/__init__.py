"""The training engine: compiled models, fit loop, checkpoints, schedules."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_augmentation": ["PARAMETER_CONSTRAINTS", "augment", "augmentation_of"],
        "_best_so_far": ["track_best_of_fits"],
        "_checkpoint_files": ["locked"],
        "_checkpoints": ["open_checkpoint"],
        "_compile_arguments": ["RoutingMixin", "loss_class"],
        "_compiled_models": ["get_compiled_model"],
        "_dense_inputs": ["DenseInputsMixin", "hyperparameters_of"],
        "_fitted_network": [
            "FittedNetwork",
            "separate_networks",
            "networks_are_separate",
        ],
        "_keras_objects": ["check_keras_names", "from_plain", "to_plain"],
        "_losses": ["SmoothedCrossentropy"],
        "_moments": [
            "BYTES",
            "RANGES",
            "UNIT",
            "moments_by_feature",
            "scale_of",
            "without_zeros",
        ],
        "_named_callbacks": [
            "build_callbacks",
            "check_monitors",
            "release",
            "stops",
            "with_names",
        ],
        "_own_state": ["check_plain_params"],
        "_output_losses": [
            "accuracy_of_outputs",
            "loss_of_outputs",
            "metric_of_output",
        ],
        "_regression_losses": [
            "bias_of_output",
            "check_own_loss",
            "check_target",
            "degree_of",
            "degree_of_metric",
            "has_risen",
            "output_activation_of",
        ],
        "_reports": ["CallbackSupportMixin", "report_of"],
        "_scaling": [
            "scale_values",
            "scaling_of_inputs",
            "scaling_of_target",
            "undo_scaling",
        ],
        "_schedules": ["SCHEDULES", "check_rates"],
        "_summaries": ["write_runs", "write_summaries"],
        "_train": ["FitContext", "train"],
        "_trainer": ["first_metric", "metric_name"],
        "_training_data": ["FitInputs", "TrainingData", "normalize_weights"],
        "_transfer_network": ["BACKBONE", "TransferNetwork"],
        "_two_phases": ["TwoPhasesMixin"],
        "_validation_split": ["check_groups", "hold_out_validation"],
    },
)
