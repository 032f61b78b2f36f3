"""Feature extraction, then fine-tuning."""

from skl_signlang.networks import dense_network
from skl_signlang.training._compiled_models import get_compiled_model
from skl_signlang.training._dense_inputs import hyperparameters_of
from skl_signlang.training._fitted_network import FittedNetwork
from skl_signlang.training._transfer_network import TransferNetwork, tunable_network


class TwoPhasesMixin:
    """Train the head on the frozen backbone, then fine-tune its last layers."""

    def _planned_epochs(self, resume):
        if self.trainable_layers == 0:
            return self.epochs
        if not resume:
            return self.epochs + self.fine_tune_epochs
        return self._epochs_of_head() + self.fine_tune_epochs

    def _epochs_of_head(self):
        """Return the number of epochs left for the head before fine-tuning."""
        if not isinstance(self._network, TransferNetwork):
            return 0
        return max(0, self.epochs - self.n_iter_)

    def _describe_architecture(self, X):
        return None

    def _phases(self, epochs):
        if self.trainable_layers == 0 and isinstance(self._network, TransferNetwork):
            return epochs, 0
        head_epochs = min(epochs, self._epochs_of_head())
        return head_epochs, epochs - head_epochs

    def _head(self, n_features):
        return {
            "input_shape": (n_features,),
            **hyperparameters_of(self, dense_network),
            **self._output(),
        }

    def _compile_head(self, n_features):
        return get_compiled_model(dense_network, **self._head(n_features))

    def _compile_whole(self, structure, n_features):
        return get_compiled_model(
            tunable_network,
            features=structure,
            head=self._head(n_features),
            trainable_layers=self.trainable_layers,
            train_norms=self._drawn,
        )

    def _train(self, samples, context, epochs):
        head_epochs, whole_epochs = self._phases(epochs)
        is_whole = True
        if head_epochs and not context.is_past:
            is_whole = self._train_head(samples, context, head_epochs)
        if whole_epochs and is_whole:
            self._train_whole(samples, context._replace(phase=1), whole_epochs)

    def _train_head(self, samples, context, epochs):
        extractor, self._network = self._network.parts()
        features = vars(self).pop("_features", None)
        features = extractor(samples.X) if features is None else features
        validation = context.validation
        if validation is not None:
            same = validation.X is samples.X
            of_validation = features if same else extractor(validation.X)
            context = context._replace(validation=validation._replace(X=of_validation))
        context = context._replace(whole=lambda head: TransferNetwork(extractor, head))
        is_whole = super()._train(samples._replace(X=features), context, epochs)
        self._network = TransferNetwork(extractor, self._network)
        return is_whole

    def _train_whole(self, samples, context, epochs):
        if isinstance(self._network, TransferNetwork):
            extractor, head = self._network.parts()
            structure, n_features = extractor.runner.structure, extractor.n_features
            compiled = self._compile_whole(structure, n_features)
            values = [*extractor.seeded_values(self._seed), *head.values]
            self._network = FittedNetwork(compiled, values)
        elif self._trained_layers != self.trainable_layers:
            self._network.optimizer_values = None
        self._trained_layers = self.trainable_layers
        super()._train(samples, context, epochs)

    def _compile_arguments(self):
        optimizer, rate, loss = super()._compile_arguments()
        tuning = (
            len(self._network.compiled.input_shape) > 1 and self.trainable_layers != 0
        )
        return optimizer, self.fine_tune_learning_rate if tuning else rate, loss
